// Losses that are means: sum of mask f(prediction - target) / count, count = max(1, sum of mask): one block, or slices and one
// more.
#pragma once
#include <algorithm>

#include "kernels/cuda/map.h"
#include "kernels/cuda/warp.h"

namespace lineament {

inline constexpr int kLossThreads = 1024;
inline constexpr int64_t kLossSlice = 16 * kLossThreads;  // elements that a block takes, or more where there would be too many
inline constexpr int64_t kMostLossSlices = 512;

struct MaskedSum {
  float sum, count;
};

__device__ inline void store_loss(MaskedSum totals, float* loss, float* count) {
  *count = totals.count < 1 ? 1.0f : totals.count;
  *loss = totals.sum / *count;
}

/// f(i): mask times the loss of element i, and mask. partial: null where there is one block.
template <class F>
__global__ void __launch_bounds__(kLossThreads)
    masked_sum_kernel(F f, int64_t elements, MaskedSum* partial, float* loss, float* count) {
  after_previous_kernel();
  __shared__ float held_sum[kWarp], held_count[kWarp];
  float sum = 0, known = 0;
  for (int64_t i = int64_t{blockIdx.x} * kLossThreads + threadIdx.x; i < elements; i += int64_t{gridDim.x} * kLossThreads) {
    const MaskedSum one = f(i);
    sum += one.sum;
    known += one.count;
  }
  const float block_total = block_sum(sum, held_sum), block_count = block_sum(known, held_count);
  if (threadIdx.x != 0) return;
  if (partial)
    partial[blockIdx.x] = {block_total, block_count};
  else
    store_loss({block_total, block_count}, loss, count);
}

static __global__ void add_masked_sums_kernel(int slices, const MaskedSum* partial, float* loss, float* count) {
  after_previous_kernel();
  __shared__ float held_sum[kWarp], held_count[kWarp];
  float sum = 0, known = 0;
  for (int s = static_cast<int>(threadIdx.x); s < slices; s += kBlockThreads) sum += partial[s].sum, known += partial[s].count;
  const MaskedSum totals{block_sum(sum, held_sum), block_sum(known, held_count)};
  if (threadIdx.x == 0) store_loss(totals, loss, count);
}

inline unsigned loss_slices(int64_t elements) {
  return static_cast<unsigned>(std::min(kMostLossSlices, (elements + kLossSlice - 1) / kLossSlice));
}

inline size_t masked_mean_workspace(std::span<const Desc> descs, const Params&) {
  return loss_slices(static_cast<int64_t>(descs[0].elements())) * sizeof(MaskedSum);
}

/// out loss, count; f as in masked_sum_kernel.
template <class F>
void masked_mean_of(const Call& call, const F& f) {
  const auto elements = static_cast<int64_t>(call.in[0].desc.elements());
  const unsigned slices = loss_slices(elements);
  MaskedSum* partial = slices > 1 ? static_cast<MaskedSum*>(call.workspace) : nullptr;
  float *loss = call.out[0].as<float>(), *count = call.out[1].as<float>();
  launch(masked_sum_kernel<F>, slices, kLossThreads, call, f, elements, partial, loss, count);
  if (partial) launch(add_masked_sums_kernel, 1, kBlockThreads, call, static_cast<int>(slices), partial, loss, count);
}

template <class F>
struct OfError {
  F f;
  const float *prediction, *target, *mask;
  __device__ MaskedSum operator()(int64_t i) const { return {f(mask[i], prediction[i] - target[i]), mask[i]}; }
};

/// in prediction, target, mask; out loss, count; f(mask, error).
template <class F>
void masked_mean(const Call& call, const F& f) {
  masked_mean_of(call, OfError<F>{f, call.in[0].as<float>(), call.in[1].as<float>(), call.in[2].as<float>()});
}

/// in prediction, target, mask, count [, dloss]; out dprediction, of f(scale, mask, error) where scale = dloss / count.
template <class F>
struct MaskedSlope {
  F f;
  const float *count, *dloss;  // dloss: null where it is 1
  __device__ float operator()(int64_t, float prediction, float target, float mask) const {
    return f((dloss ? *dloss : 1.0f) / *count, mask, prediction - target);
  }
};

template <class F>
void masked_mean_grad(const Call& call, const F& f) {
  const auto in = [&](size_t i) -> const float* { return call.in.size() > i ? call.in[i].as<float>() : nullptr; };
  map(call, MaskedSlope<F>{f, in(3), in(4)}, call.out[0].as<float>(), in(0), in(1), in(2));
}

}  // namespace lineament
