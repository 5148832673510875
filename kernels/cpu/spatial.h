// The fast CPU kernels of the spatial ops: those of simd/ at every level, and Eigen's where registers are narrow.
#pragma once
#include "kernels/cpu/levels.h"

#define LINEAMENT_LEVEL avx512
#include "kernels/cpu/simd/spatial.h"
#undef LINEAMENT_LEVEL
#define LINEAMENT_LEVEL avx2
#include "kernels/cpu/simd/spatial.h"
#undef LINEAMENT_LEVEL
#define LINEAMENT_LEVEL portable
#include "kernels/cpu/simd/spatial.h"
#undef LINEAMENT_LEVEL

namespace lineament {

// conv2d_gemm.cpp: pixels laid out as rows of a matrix; 1x1 filters read x as it lies.
bool conv2d_is_1x1(std::span<const Desc> descs, const Params& params);
void conv2d_gemm_1x1(const Call& call);
void conv2d_dx_gemm_1x1(const Call& call);
void conv2d_gemm(const Call& call);
size_t conv2d_gemm_workspace(std::span<const Desc> descs, const Params& params);
void conv2d_dx_gemm(const Call& call);
size_t conv2d_dx_gemm_workspace(std::span<const Desc> descs, const Params& params);
void conv2d_dw_gemm(const Call& call);
size_t conv2d_dw_gemm_workspace(std::span<const Desc> descs, const Params& params);

// dense.cpp
void dense_gemm(const Call& call);
size_t dense_gemm_workspace(std::span<const Desc> descs, const Params& params);
void dense_dx_gemm(const Call& call);
void dense_dw_gemm(const Call& call);

}  // namespace lineament
