// The CPU's fast kernels of the spatial ops, all f32; what each computes
// stands in the op's file (kernels/conv2d.cpp ...).
#pragma once
#include "tensor/op.h"

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

// conv2d_direct.cpp: for pictures of few channels.
void conv2d_direct(const Call& call);
bool conv2d_direct_supports(std::span<const Desc> descs, const Params& params);
size_t conv2d_direct_workspace(std::span<const Desc> descs, const Params& params);

// depthwise_conv2d.cpp
void depthwise_conv2d_direct(const Call& call);
void depthwise_conv2d_dx_direct(const Call& call);
void depthwise_conv2d_dw_direct(const Call& call);
size_t depthwise_conv2d_dw_workspace(std::span<const Desc> descs, const Params& params);

// dense.cpp
void dense_gemm(const Call& call);
size_t dense_gemm_workspace(std::span<const Desc> descs, const Params& params);
void dense_dx_gemm(const Call& call);
void dense_dw_gemm(const Call& call);

// channel_sum.cpp
void channel_sum_vector(const Call& call);
size_t channel_sum_workspace(std::span<const Desc> descs, const Params& params);

// pad.cpp
void zero_pad_rows(const Call& call);
void zero_pad_dx_rows(const Call& call);

// pool.cpp
void max_pool_vector(const Call& call);
void max_pool_dx_vector(const Call& call);
void average_pool_vector(const Call& call);
void average_pool_dx_vector(const Call& call);
void global_average_pool_vector(const Call& call);
void global_average_pool_dx_vector(const Call& call);

}  // namespace lineament
