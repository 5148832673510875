// Convolutions by cuDNN, one engine a shape, measured when a program is built (cudnn_plan.h).
#pragma once
#include <span>

#include "tensor/op.h"

namespace lineament {

// Inputs, outputs and parameters as kernels/spatial_ops.h gives them. `supports` is where engines are looked for: false
// where cuDNN has none for these shapes.

void conv2d_cudnn(const Call& call);
bool conv2d_cudnn_supports(std::span<const Desc> descs, const Params& params);
size_t conv2d_cudnn_workspace(std::span<const Desc> descs, const Params& params);

void conv2d_dx_cudnn(const Call& call);
bool conv2d_dx_cudnn_supports(std::span<const Desc> descs, const Params& params);
size_t conv2d_dx_cudnn_workspace(std::span<const Desc> descs, const Params& params);

void conv2d_dw_cudnn(const Call& call);
bool conv2d_dw_cudnn_supports(std::span<const Desc> descs, const Params& params);
size_t conv2d_dw_cudnn_workspace(std::span<const Desc> descs, const Params& params);

}  // namespace lineament
