// CUDA kernels of the spatial ops, best first; shapes and parameters stand in kernels/spatial_ops.h.
#pragma once
#include "tensor/op.h"

namespace lineament {

extern const Kernel conv2d_cuda[];
extern const Kernel conv2d_dx_cuda[];
extern const Kernel conv2d_dw_cuda[];

extern const Kernel depthwise_conv2d_cuda[];
extern const Kernel depthwise_conv2d_dx_cuda[];
extern const Kernel depthwise_conv2d_dw_cuda[];

extern const Kernel dense_cuda[];
extern const Kernel dense_dx_cuda[];
extern const Kernel dense_dw_cuda[];

extern const Kernel channel_sum_cuda[];

extern const Kernel zero_pad_cuda[];
extern const Kernel zero_pad_dx_cuda[];

extern const Kernel max_pool_cuda[];
extern const Kernel max_pool_dx_cuda[];

extern const Kernel average_pool_cuda[];
extern const Kernel average_pool_dx_cuda[];

extern const Kernel global_average_pool_cuda[];
extern const Kernel global_average_pool_dx_cuda[];

}  // namespace lineament
