// scale = gamma / sqrt(variance + epsilon), shift = beta + scale (bias - mean): a batch norm for the
// convolution before it.
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/launch.h"
#include "kernels/spatial_ops.h"

namespace lineament {
namespace {

/// bias: null where there is none.
__global__ void fold_kernel(int64_t channels, const float* gamma, const float* beta, const float* mean,
                            const float* variance, const float* bias, float epsilon, float* shift,
                            float* scale) {
  after_previous_kernel();
  const int64_t c = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (c >= channels) return;
  scale[c] = gamma[c] / sqrtf(variance[c] + epsilon);
  shift[c] = beta[c] + scale[c] * ((bias ? bias[c] : 0.0f) - mean[c]);
}

void fold(const Call& call) {
  const auto channels = static_cast<int64_t>(call.out[0].desc.elements());
  const auto in = [&](size_t i) -> const float* {
    return call.in.size() > i ? call.in[i].as<float>() : nullptr;
  };
  launch(fold_kernel, blocks_for(channels), kBlockThreads, call, channels, in(0), in(1), in(2), in(3), in(4),
         call.params.as<FoldParams>().epsilon, call.out[0].as<float>(), call.out[1].as<float>());
}

}  // namespace

const Kernel fold_cuda[] = {{"fold.cuda", fold}, {}};

}  // namespace lineament
