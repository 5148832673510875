// loss = -sum of mask target log p / count, p = clip(prediction / its row's sum), count = max(1, rows with a
// target): one block for a batch of a few dozen classes; its gradient a warp a row.
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/warp.h"

namespace lineament {
namespace {

constexpr int kThreads = 1024;
constexpr float kLeast = 1e-7f, kMost = 1 - 1e-7f;  // Keras's clip

__device__ int64_t lane_of_warp() { return threadIdx.x % kWarp; }

__device__ float row_sum(const float* row, int64_t classes) {
  float sum = 0;
  for (int64_t j = lane_of_warp(); j < classes; j += kWarp) sum += row[j];
  return warp_sum(sum);
}

__global__ void __launch_bounds__(kThreads) loss_kernel(int64_t rows, int64_t classes, const float* prediction, const float* target,
                            const float* mask, float* loss, float* count) {
  after_previous_kernel();
  __shared__ float held_loss[kWarp], held_count[kWarp];
  float sum = 0, known = 0;
  for (int64_t row = threadIdx.x / kWarp; row < rows; row += kThreads / kWarp) {
    const float total = row_sum(prediction + row * classes, classes);
    float any = 0;
    for (int64_t j = row * classes + lane_of_warp(); j < (row + 1) * classes; j += kWarp) {
      const float p = prediction[j] / total;
      sum -= mask[j] * target[j] * logf(p < kLeast ? kLeast : p > kMost ? kMost : p);
      if (mask[j] != 0) any = 1;
    }
    any = warp_max(any);
    if (lane_of_warp() == 0) known += any;
  }
  sum = block_sum(sum, held_loss);
  known = block_sum(known, held_count);
  if (threadIdx.x != 0) return;
  *count = known < 1 ? 1.0f : known;
  *loss = sum / *count;
}

/// With dp = -mask target / p dloss / count, 0 where clipped: (dp - sum over j of p[j] dp[j]) / row's sum.
__global__ void gradient_kernel(int64_t rows, int64_t classes, const float* prediction, const float* target,
                                const float* mask, const float* count, const float* dloss,
                                float* dprediction) {
  after_previous_kernel();
  const int64_t row = int64_t{blockIdx.x} * (blockDim.x / kWarp) + threadIdx.x / kWarp;
  if (row >= rows) return;
  const float scale = (dloss ? *dloss : 1.0f) / *count, total = row_sum(prediction + row * classes, classes);
  const auto dp = [&](int64_t j, float p) {
    return p < kLeast || p > kMost ? 0.0f : -mask[j] * target[j] / p * scale;
  };
  float dot = 0;
  for (int64_t j = row * classes + lane_of_warp(); j < (row + 1) * classes; j += kWarp) {
    const float p = prediction[j] / total;
    dot += p * dp(j, p);
  }
  dot = warp_sum(dot);
  for (int64_t j = row * classes + lane_of_warp(); j < (row + 1) * classes; j += kWarp)
    dprediction[j] = (dp(j, prediction[j] / total) - dot) / total;
}

void loss_run(const Call& call) {
  const Shape& shape = call.in[0].shape();
  launch(loss_kernel, 1, kThreads, call, shape[0], shape[1], call.in[0].as<float>(), call.in[1].as<float>(),
         call.in[2].as<float>(), call.out[0].as<float>(), call.out[1].as<float>());
}

void gradient_run(const Call& call) {
  const Shape& shape = call.in[0].shape();
  const auto in = [&](size_t i) -> const float* {
    return call.in.size() > i ? call.in[i].as<float>() : nullptr;
  };
  launch(gradient_kernel, blocks_for(shape[0], kBlockThreads / kWarp), kBlockThreads, call, shape[0],
         shape[1], in(0), in(1), in(2), in(3), in(4), call.out[0].as<float>());
}

}  // namespace

const Kernel cross_entropy_cuda[] = {{"cross_entropy.cuda", loss_run}, {}};
const Kernel cross_entropy_grad_cuda[] = {{"cross_entropy_grad.cuda", gradient_run}, {}};

}  // namespace lineament
