// The spatial ops of a build without CUDA: no kernels.
#include "kernels/cuda/spatial.h"

namespace lineament {

const Kernel conv2d_cuda[] = {{}};
const Kernel conv2d_dx_cuda[] = {{}};
const Kernel conv2d_dw_cuda[] = {{}};

const Kernel depthwise_conv2d_cuda[] = {{}};
const Kernel depthwise_conv2d_dx_cuda[] = {{}};
const Kernel depthwise_conv2d_dw_cuda[] = {{}};

const Kernel dense_cuda[] = {{}};
const Kernel dense_dx_cuda[] = {{}};
const Kernel dense_dw_cuda[] = {{}};

const Kernel channel_sum_cuda[] = {{}};

const Kernel zero_pad_cuda[] = {{}};
const Kernel zero_pad_dx_cuda[] = {{}};

const Kernel max_pool_cuda[] = {{}};
const Kernel max_pool_dx_cuda[] = {{}};

const Kernel average_pool_cuda[] = {{}};
const Kernel average_pool_dx_cuda[] = {{}};

const Kernel global_average_pool_cuda[] = {{}};
const Kernel global_average_pool_dx_cuda[] = {{}};

}  // namespace lineament
