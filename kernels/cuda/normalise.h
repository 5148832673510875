// y = act(gamma (x - mean) inv_std + beta [+ residual]) in one pass: what batch norms end with, in training
// or not.
#pragma once
#include "kernels/cuda/rows.h"
#include "kernels/elementwise_ops.h"

namespace lineament {

/// 1 / standard deviation, of a vector that holds it or the variance.
struct Deviation {
  const float* vector;
  bool is_variance;
  float epsilon;

  template <int V>
  __device__ Floats<V> inverse(int channel) const {
    Floats<V> d = load<V>(vector + channel);
    if (is_variance)
      for (int v = 0; v < V; ++v) d.at[v] = rsqrtf(d.at[v] + epsilon);
    return d;
  }
};

template <class T>
struct Normalised {
  const T *x, *residual;  // residual: null where there is none
  T* y;                   // perhaps x
  const float *mean, *gamma, *beta;
  Deviation deviation;
};

/// Rows of a thread, all on their way at once.
inline constexpr int kSweepRows = 4;

/// From the last rows to the first: those are still in the cache, behind the pass that read them.
template <class T, int V, Activation kind, bool kResidual>
__global__ void normalise_kernel(Normalised<T> n, RowCut cut) {
  after_previous_kernel();
  const RowPlace place(cut, V, gridDim.x - 1 - blockIdx.x);
  if (place.channel >= cut.channels || place.first >= place.last) return;
  Pack<T, V> x[kSweepRows], residual[kSweepRows];
#pragma unroll
  for (int r = 0; r < kSweepRows; ++r) {
    const int64_t i = place.row_or_last(r) * cut.channels + place.channel;
    x[r] = load_pack<V>(n.x + i);
    if constexpr (kResidual) residual[r] = load_pack<V>(n.residual + i);
  }
  const Floats<V> mean = load<V>(n.mean + place.channel), beta = load<V>(n.beta + place.channel);
  Floats<V> scale = n.deviation.template inverse<V>(place.channel);
  const Floats<V> gamma = load<V>(n.gamma + place.channel);
  for (int v = 0; v < V; ++v) scale.at[v] *= gamma.at[v];
#pragma unroll
  for (int r = 0; r < kSweepRows; ++r) {
    const int64_t row = place.first + r * place.step;
    if (row >= place.last) continue;
    Floats<V> y = widened(x[r]);
    for (int v = 0; v < V; ++v) y.at[v] = (y.at[v] - mean.at[v]) * scale.at[v] + beta.at[v];
    if constexpr (kResidual) {
      const Floats<V> beside = widened(residual[r]);
      for (int v = 0; v < V; ++v) y.at[v] += beside.at[v];
    }
    for (int v = 0; v < V; ++v) y.at[v] = activated<float>(kind, y.at[v], kLeakySlope);
    store<V>(n.y + row * cut.channels + place.channel, y);
  }
}

/// What a batch norm's call reads and writes, by these statistics.
template <class T>
Normalised<T> normalised(const Call& call, const float* mean, Deviation deviation) {
  return {call.in[0].as<T>(),
          call.params.as<BatchNormParams>().residual ? call.in[5].as<T>() : nullptr,
          call.out[0].as<T>(),
          mean,
          call.in[1].as<float>(),
          call.in[2].as<float>(),
          deviation};
}

template <class T, int V>
void normalise(const Call& call, const float* mean, Deviation deviation, Activation activation) {
  const int64_t channels = call.in[0].shape()[-1];
  const auto rows = static_cast<int64_t>(call.in[0].desc.elements()) / channels;
  const RowCut cut(rows, channels, V, kSweepRows);
  const Normalised<T> n = normalised<T>(call, mean, deviation);
  by_activation(activation, [&](auto kind) {
    constexpr Activation k = decltype(kind)::value;
    launch(n.residual ? normalise_kernel<T, V, k, true> : normalise_kernel<T, V, k, false>, cut.blocks(1),
           cut.threads(), call, n, cut);
  });
}

}  // namespace lineament
