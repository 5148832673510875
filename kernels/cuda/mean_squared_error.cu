// loss = sum of mask (prediction - target)^2 / count, count = max(1, sum of mask): one block, or slices and
// one more.
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/map.h"
#include "kernels/cuda/warp.h"

namespace lineament {
namespace {

constexpr int kThreads = 1024;
constexpr int64_t kSlice =
    16 * kThreads;  // elements that a block takes, or more where there would be too many blocks
constexpr int64_t kMostSlices = 512;

struct Totals {
  float sum, count;
};

__device__ void store_loss(Totals totals, float* loss, float* count) {
  *count = totals.count < 1 ? 1.0f : totals.count;
  *loss = totals.sum / *count;
}

/// partial: null where there is one block.
__global__ void __launch_bounds__(kThreads) squares_kernel(int64_t elements, const float* prediction, const float* target,
                               const float* mask, Totals* partial, float* loss, float* count) {
  after_previous_kernel();
  __shared__ float held_sum[kWarp], held_count[kWarp];
  float sum = 0, known = 0;
  for (int64_t i = int64_t{blockIdx.x} * kThreads + threadIdx.x; i < elements;
       i += int64_t{gridDim.x} * kThreads) {
    const float error = prediction[i] - target[i];
    sum += mask[i] * error * error;
    known += mask[i];
  }
  const float block_squares = block_sum(sum, held_sum), block_count = block_sum(known, held_count);
  if (threadIdx.x != 0) return;
  if (partial)
    partial[blockIdx.x] = {block_squares, block_count};
  else
    store_loss({block_squares, block_count}, loss, count);
}

__global__ void add_slices_kernel(int slices, const Totals* partial, float* loss, float* count) {
  after_previous_kernel();
  __shared__ float held_sum[kWarp], held_count[kWarp];
  float sum = 0, known = 0;
  for (int s = static_cast<int>(threadIdx.x); s < slices; s += kBlockThreads)
    sum += partial[s].sum, known += partial[s].count;
  const Totals totals{block_sum(sum, held_sum), block_sum(known, held_count)};
  if (threadIdx.x == 0) store_loss(totals, loss, count);
}

unsigned slices_of(int64_t elements) {
  return static_cast<unsigned>(std::min(kMostSlices, (elements + kSlice - 1) / kSlice));
}

void loss_run(const Call& call) {
  const auto elements = static_cast<int64_t>(call.in[0].desc.elements());
  const unsigned slices = slices_of(elements);
  Totals* partial = slices > 1 ? static_cast<Totals*>(call.workspace) : nullptr;
  float *loss = call.out[0].as<float>(), *count = call.out[1].as<float>();
  launch(squares_kernel, slices, kThreads, call, elements, call.in[0].as<float>(), call.in[1].as<float>(),
         call.in[2].as<float>(), partial, loss, count);
  if (partial)
    launch(add_slices_kernel, 1, kBlockThreads, call, static_cast<int>(slices), partial, loss, count);
}

size_t loss_workspace(std::span<const Desc> descs, const Params&) {
  return slices_of(static_cast<int64_t>(descs[0].elements())) * sizeof(Totals);
}

/// dloss: null where it is 1.
struct Gradient {
  const float *count, *dloss;
  __device__ float operator()(int64_t, float prediction, float target, float mask) const {
    return 2 * (dloss ? *dloss : 1.0f) / *count * mask * (prediction - target);
  }
};

void gradient_run(const Call& call) {
  const auto in = [&](size_t i) -> const float* {
    return call.in.size() > i ? call.in[i].as<float>() : nullptr;
  };
  map(call, Gradient{in(3), in(4)}, call.out[0].as<float>(), in(0), in(1), in(2));
}

}  // namespace

const Kernel mean_squared_error_cuda[] = {{"mean_squared_error.cuda", loss_run, nullptr, loss_workspace}, {}};
const Kernel mean_squared_error_grad_cuda[] = {{"mean_squared_error_grad.cuda", gradient_run}, {}};

}  // namespace lineament
