// Matrix products by cuBLAS, one algorithm a shape, measured when a program is built (cublas_plan.h): dense layers, and
// convolutions of 1x1 filters that visit every pixel.
#pragma once
#include <span>

#include "tensor/op.h"

namespace lineament {

// `supports` is where algorithms are looked for; of convolutions those of Window::pointwise() alone.

void dense_cublas(const Call& call);
bool dense_cublas_supports(std::span<const Desc> descs, const Params& params);
size_t dense_cublas_workspace(std::span<const Desc> descs, const Params& params);
void dense_dx_cublas(const Call& call);
bool dense_dx_cublas_supports(std::span<const Desc> descs, const Params& params);
size_t dense_dx_cublas_workspace(std::span<const Desc> descs, const Params& params);
void dense_dw_cublas(const Call& call);
bool dense_dw_cublas_supports(std::span<const Desc> descs, const Params& params);
size_t dense_dw_cublas_workspace(std::span<const Desc> descs, const Params& params);

void conv2d_gemm_1x1_cublas(const Call& call);
bool conv2d_gemm_1x1_cublas_supports(std::span<const Desc> descs, const Params& params);
size_t conv2d_gemm_1x1_cublas_workspace(std::span<const Desc> descs, const Params& params);
void conv2d_dx_gemm_1x1_cublas(const Call& call);
bool conv2d_dx_gemm_1x1_cublas_supports(std::span<const Desc> descs, const Params& params);
size_t conv2d_dx_gemm_1x1_cublas_workspace(std::span<const Desc> descs, const Params& params);
void conv2d_dw_gemm_1x1_cublas(const Call& call);
bool conv2d_dw_gemm_1x1_cublas_supports(std::span<const Desc> descs, const Params& params);
size_t conv2d_dw_gemm_1x1_cublas_workspace(std::span<const Desc> descs, const Params& params);

}  // namespace lineament
