// Dense layers and 1x1 convolutions as products of matrices. cuBLAS reads columns where rows lie: each matrix is seen
// transposed, and (x w)^T = w^T x^T.
#include <limits>

#include "kernels/cuda/cublas.h"
#include "kernels/cuda/errors.h"
#include "kernels/cuda/pack.h"
#include "kernels/padding.h"

namespace lineament {
namespace {

/// A matrix in memory by its rows; `transposed` is how the product takes it.
struct Matrix {
  const void* data;
  DType dtype;
  int64_t rows, columns;
  bool transposed = false;

  int64_t height() const { return transposed ? columns : rows; }
  int64_t width() const { return transposed ? rows : columns; }
};

cudaDataType_t type_of(DType dtype) { return dtype == DType::bf16 ? CUDA_R_16BF : CUDA_R_32F; }
cublasOperation_t operation_of(const Matrix& m) { return m.transposed ? CUBLAS_OP_T : CUBLAS_OP_N; }

/// product = a b; sums in f32.
void multiply(const Call& call, const Matrix& a, const Matrix& b, const View& product) {
  const CudaContext& context = context_of(call);
  const int64_t rows = a.height(), inner = a.width(), columns = b.width();
  check(std::max({rows, inner, columns}) <= std::numeric_limits<int>::max(),
        "a product of {}x{} by {}x{}: too large", rows, inner, inner, columns);
  const auto size = [](int64_t n) { return static_cast<int>(n); };
  const float one = 1, zero = 0;
  const bool tf32 = context.tf32 && a.dtype == DType::f32;
  expect(cublasGemmEx(context.cublas, operation_of(b), operation_of(a), size(columns), size(rows),
                      size(inner), &one, b.data, type_of(b.dtype), size(b.columns), a.data, type_of(a.dtype),
                      size(a.columns), &zero, product.data, type_of(product.desc.dtype), size(columns),
                      tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT),
         context, "cublasGemmEx");
}

int64_t rows_of(const Desc& desc) { return static_cast<int64_t>(desc.elements()) / desc.shape[-1]; }

/// Pictures as a matrix: a row for each pixel.
Matrix rows(const View& view) { return {view.data, view.desc.dtype, rows_of(view.desc), view.shape()[-1]}; }

Matrix transposed(Matrix m) {
  m.transposed = !m.transposed;
  return m;
}

/// Weights [i,o] or filters [1,1,i,o] in the type of what they are multiplied with, as cuBLAS takes no two: of floats as
/// they lie, in bf16 packed, which turns them.
Matrix weights(const Call& call) {
  const View& w = call.in[1];
  const int64_t i = w.shape()[-2], o = w.shape()[-1];
  const DType dtype = call.in[0].desc.dtype;
  if (dtype == DType::f32) return {w.data, dtype, i, o};
  return transposed({packed_weights(call), dtype, o, i});
}

void forward(const Call& call) { multiply(call, rows(call.in[0]), weights(call), call.out[0]); }         // y = x w
void dx(const Call& call) { multiply(call, rows(call.in[0]), transposed(weights(call)), call.out[0]); }  // dx = dy w^T
void dw(const Call& call) {  // dw = x^T dy
  multiply(call, transposed(rows(call.in[0])), rows(call.in[1]), call.out[0]);
}

}  // namespace

void dense_cublas(const Call& call) {
  forward(call);
  finish_in_place(call, Activation::none);
}
size_t dense_cublas_workspace(std::span<const Desc> descs, const Params& params) {
  return packed_narrow_weights_bytes(descs, params);
}
void dense_dx_cublas(const Call& call) { dx(call); }
size_t dense_dx_cublas_workspace(std::span<const Desc> descs, const Params& params) {
  return packed_narrow_weights_bytes(descs, params);
}
void dense_dw_cublas(const Call& call) { dw(call); }
size_t dense_dw_cublas_workspace(std::span<const Desc>, const Params&) { return 0; }

void conv2d_gemm_1x1_cublas(const Call& call) {
  forward(call);
  finish_in_place(call, call.params.as<Window>().activation);
}
bool conv2d_gemm_1x1_cublas_supports(std::span<const Desc> descs, const Params& params) {
  return params.as<Window>().pointwise() && all_f32(descs, params);
}
size_t conv2d_gemm_1x1_cublas_workspace(std::span<const Desc> descs, const Params& params) {
  return dense_cublas_workspace(descs, params);
}
void conv2d_dx_gemm_1x1_cublas(const Call& call) { dx(call); }
bool conv2d_dx_gemm_1x1_cublas_supports(std::span<const Desc> descs, const Params& params) {
  return conv2d_gemm_1x1_cublas_supports(descs, params);
}
size_t conv2d_dx_gemm_1x1_cublas_workspace(std::span<const Desc> descs, const Params& params) {
  return dense_dx_cublas_workspace(descs, params);
}
void conv2d_dw_gemm_1x1_cublas(const Call& call) { dw(call); }
bool conv2d_dw_gemm_1x1_cublas_supports(std::span<const Desc> descs, const Params& params) {
  return conv2d_gemm_1x1_cublas_supports(descs, params);
}
size_t conv2d_dw_gemm_1x1_cublas_workspace(std::span<const Desc> descs, const Params& params) {
  return dense_dw_cublas_workspace(descs, params);
}

}  // namespace lineament
