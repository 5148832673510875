// Which of cuBLAS's algorithms multiplies two matrices: measured once for each shape, type and Numerics, then kept.
#pragma once
#include <cublasLt.h>

#include <compare>
#include <cstdint>

#include "kernels/cuda/context.h"
#include "tensor/params.h"
#include "tensor/shape.h"

namespace lineament {

/// d [rows,columns] = a [rows,inner] b [inner,columns] (+ bias [columns]), sums in f32. All lie by rows; one that is
/// transposed lies as its transpose does.
struct Product {
  int64_t rows, inner, columns;
  bool a_transposed, b_transposed;
  DType factors, product;  // f32 or bf16, of a and b and of d: f32 of bf16, too, but not bf16 of f32
  bool bias;               // of d's type, as cuBLAS takes no other
  Numerics numerics;

  auto operator<=>(const Product&) const = default;
};

struct CublasPlan {
  Product product;
  cublasComputeType_t compute;
  cublasLtMatmulAlgo_t algorithm;
  size_t workspace_bytes;  // aligned to kCublasAlignment

  /// Asks the context's stream for it. The status is cuBLAS's.
  cublasStatus_t run(const CudaContext& context, const void* a, const void* b, const void* bias, void* d,
                     void* workspace) const;
};

inline constexpr size_t kCublasAlignment = 256;

/// Made, by measuring algorithms on memory of its own, when first asked for. Null where cuBLAS has none.
const CublasPlan* make_cublas_plan(const CudaContext& context, const Product& product);
/// One that was made before.
const CublasPlan& find_cublas_plan(const Product& product);

}  // namespace lineament
