// The gradient of a batch norm, g = act'(.) dy and z = (x - mean) inv_std: sums of g and g z, then one pass
// for dx = gamma inv_std (g - (dbeta + z dgamma) / rows) and dresidual = g.
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/normalise.h"

namespace lineament {
namespace {

template <class T>
struct Backward {
  const T *x, *dy, *y;               // y: null where the activation reads none
  const float *gamma, *mean, *beta;  // beta: null where y is read
  Deviation deviation;
};

/// What is read of a row: raw, so that the next rows' loads need not wait.
template <class T, int V, bool kReadsY>
struct Element {
  Pack<T, V> x, dy, y;

  Element() = default;
  __device__ Element(const Backward<T>& b, int64_t i) : x(load_pack<V>(b.x + i)), dy(load_pack<V>(b.dy + i)) {
    if constexpr (kReadsY) y = load_pack<V>(b.y + i);
  }
  __device__ Floats<V> widened_y() const {
    if constexpr (kReadsY) return widened(y);
    return {};
  }
};

/// What a thread's channels share, and g and z of an element of theirs.
template <class T, int V, Activation kind, bool kFromX>
struct ChannelsOf {
  static constexpr bool kReadsX = kFromX;
  static constexpr bool kReadsY = kind != Activation::none && !kFromX;
  Floats<V> mean, inv_std, gamma, beta;

  __device__ ChannelsOf(const Backward<T>& b, int channel)
      : mean(load<V>(b.mean + channel)),
        inv_std(b.deviation.template inverse<V>(channel)),
        gamma(load<V>(b.gamma + channel)),
        beta{} {
    if constexpr (kReadsX) beta = load<V>(b.beta + channel);
  }
  __device__ float z(int v, float x) const { return (x - mean.at[v]) * inv_std.at[v]; }
  __device__ float g(int v, float z, float dy, float y) const {
    if constexpr (kReadsX) y = gamma.at[v] * z + beta.at[v];
    return kind == Activation::none ? dy : dy * activation_slope<float>(kind, y, kLeakySlope);
  }
};

template <class T, int V, Activation kind, bool kFromX>
struct GradientSums {
  Backward<T> b;
  int64_t channels;

  __device__ void operator()(const RowPlace& place, Sums<2> (&sums)[V]) const {
    using Channels = ChannelsOf<T, V, kind, kFromX>;
    const Channels channel(b, place.channel);
    Floats<V> sum_g = {}, sum_gz = {};
    each_row(
        place,
        [&](int64_t row) { return Element<T, V, Channels::kReadsY>(b, row * channels + place.channel); },
        [&](const Element<T, V, Channels::kReadsY>& element) {
          const Floats<V> x = widened(element.x), dy = widened(element.dy), y = element.widened_y();
          for (int v = 0; v < V; ++v) {
            const float z = channel.z(v, x.at[v]), g = channel.g(v, z, dy.at[v], y.at[v]);
            sum_g.at[v] += g;
            sum_gz.at[v] += g * z;
          }
        });
    for (int v = 0; v < V; ++v) sums[v] = {{sum_g.at[v], sum_gz.at[v]}};
  }
};

struct VectorGradients {
  float *dgamma, *dbeta;
  __device__ void operator()(int64_t, int c, const Sums<2>& sums) const {
    dbeta[c] = sums.at[0];
    dgamma[c] = sums.at[1];
  }
};

inline constexpr int kGradientRows = 2;  // of a thread, all on their way at once

/// dx perhaps in the place of dy. From the last rows to the first: those are still in the cache.
template <class T, int V, Activation kind, bool kFromX>
__global__ void gradient_kernel(Backward<T> b, VectorGradients vectors, float per_row, T* dx, T* dresidual,
                                RowCut cut) {
  using Channels = ChannelsOf<T, V, kind, kFromX>;
  const RowPlace place(cut, V, gridDim.x - 1 - blockIdx.x);
  if (place.channel >= cut.channels || place.first >= place.last) return;
  Element<T, V, Channels::kReadsY> elements[kGradientRows];
#pragma unroll
  for (int r = 0; r < kGradientRows; ++r)
    elements[r] = {b, place.row_or_last(r) * cut.channels + place.channel};
  const Channels channel(b, place.channel);
  const Floats<V> dgamma = load<V>(vectors.dgamma + place.channel),
                  dbeta = load<V>(vectors.dbeta + place.channel);
#pragma unroll
  for (int r = 0; r < kGradientRows; ++r) {
    const int64_t row = place.first + r * place.step, i = row * cut.channels + place.channel;
    if (row >= place.last) continue;
    const Floats<V> x = widened(elements[r].x), dy = widened(elements[r].dy), y = elements[r].widened_y();
    Floats<V> down, upstream;
    for (int v = 0; v < V; ++v) {
      const float z = channel.z(v, x.at[v]), g = channel.g(v, z, dy.at[v], y.at[v]);
      const float moved = (dbeta.at[v] + z * dgamma.at[v]) * per_row;
      down.at[v] = channel.gamma.at[v] * channel.inv_std.at[v] * (g - moved);
      upstream.at[v] = g;
    }
    store<V>(dx + i, down);
    if (dresidual) store<V>(dresidual + i, upstream);
  }
}

void gradient(const Call& call) {
  const auto p = call.params.as<BatchNormGradParams>();
  const int64_t channels = call.in[0].shape()[-1];
  const auto rows = static_cast<int64_t>(call.in[0].desc.elements()) / channels;
  const bool reads_beta = p.slope_from_x, reads_y = p.activation != Activation::none && !reads_beta;
  const VectorGradients vectors{call.out[1].as<float>(), call.out[2].as<float>()};
  const float per_row = p.batch_statistics ? 1.0f / static_cast<float>(rows) : 0.0f;
  by_pack(call, call.in[0], channels, [&]<class T, int V>(T, std::integral_constant<int, V>) {
    const Backward<T> b{call.in[0].as<T>(),
                        call.in[4].as<T>(),
                        reads_y ? call.in[5].as<T>() : nullptr,
                        call.in[1].as<float>(),
                        call.in[2].as<float>(),
                        reads_beta ? call.in[5].as<float>() : nullptr,
                        {call.in[3].as<float>(), !p.batch_statistics, p.epsilon}};
    by_slope(p, [&](auto kind, auto from_x) {
      constexpr Activation k = decltype(kind)::value;
      constexpr bool kFromX = decltype(from_x)::value;
      reduce<Sums<2>, V>(call, 1, rows, channels, GradientSums<T, V, k, kFromX>{b, channels}, vectors);
      const RowCut cut(rows, channels, V, kGradientRows);
      launch(gradient_kernel<T, V, k, kFromX>, cut.blocks(1), cut.threads(), call, b, vectors, per_row,
             call.out[0].as<T>(), p.residual ? call.out[3].as<T>() : nullptr, cut);
    });
  });
}

size_t gradient_workspace(std::span<const Desc> descs, const Params&) {
  const int64_t channels = descs[0].shape[-1];
  return reduce_bytes<Sums<2>>(1, static_cast<int64_t>(descs[0].elements()) / channels, channels);
}

}  // namespace

const Kernel batch_norm_grad_cuda[] = {{"batch_norm_grad.cuda", gradient, nullptr, gradient_workspace}, {}};

}  // namespace lineament
