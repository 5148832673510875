// Batch norm by the batch: moments of slices of rows, what they come to, then one pass that normalises.
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/normalise.h"

namespace lineament {
namespace {

/// Count, mean and sum of squared distances from it (Chan, Golub & LeVeque 1983): no digits cancel, wherever
/// the mean lies.
struct Moments {
  float count, mean, squares;

  __device__ void merge(const Moments& other) {
    const float both = count + other.count, apart = other.mean - mean;
    const float share = both > 0 ? other.count / both : 0.0f;
    mean += apart * share;
    squares += other.squares + apart * apart * count * share;
    count = both;
  }
};

/// A thread's rows, about the first of them.
template <class T, int V>
struct MomentsOf {
  const T* x;
  int64_t channels;

  __device__ void operator()(const RowPlace& place, Moments (&moments)[V]) const {
    const T* at = x + place.channel;
    const Floats<V> start = load<V>(at + place.first * channels);
    Floats<V> sum = {}, squares = {};
    each_row(
        place, [&](int64_t row) { return load_pack<V>(at + row * channels); },
        [&](const Pack<T, V>& pack) {
          const Floats<V> value = widened(pack);
          for (int v = 0; v < V; ++v) {
            const float d = value.at[v] - start.at[v];
            sum.at[v] += d;
            squares.at[v] += d * d;
          }
        });
    const auto count = static_cast<float>((place.last - place.first + place.step - 1) / place.step);
    for (int v = 0; v < V; ++v) {
      const float mean = sum.at[v] / count, left = squares.at[v] - sum.at[v] * mean;
      moments[v] = {count, start.at[v] + mean, left < 0 ? 0.0f : left};
    }
  }
};

struct Statistics {
  const float *running_mean, *running_variance, *bias;  // bias: null where x has all of it
  float *mean, *inv_std, *new_mean, *new_variance;      // the new ones perhaps in the place of the old
  float epsilon, momentum;

  __device__ void operator()(int64_t, int c, const Moments& m) const {
    const float variance = m.squares / m.count;
    mean[c] = m.mean;
    inv_std[c] = 1.0f / sqrtf(variance + epsilon);
    new_mean[c] = running_mean[c] * momentum + (m.mean + (bias ? bias[c] : 0.0f)) * (1 - momentum);
    new_variance[c] = running_variance[c] * momentum + variance * (1 - momentum);
  }
};

void train(const Call& call) {
  const auto p = call.params.as<BatchNormParams>();
  const int64_t channels = call.in[0].shape()[-1];
  const auto rows = static_cast<int64_t>(call.in[0].desc.elements()) / channels;
  const auto in = [&](size_t i) { return call.in[i].as<float>(); };
  const auto out = [&](size_t i) { return call.out[i].as<float>(); };
  const Statistics statistics{in(3),  in(4),     p.bias ? in(call.in.size() - 1) : nullptr,
                              out(1), out(2),    out(3),
                              out(4), p.epsilon, p.momentum};
  by_pack(call, call.in[0], channels, [&]<class T, int V>(T, std::integral_constant<int, V>) {
    reduce<Moments, V>(call, 1, rows, channels, MomentsOf<T, V>{call.in[0].as<T>(), channels}, statistics);
    normalise<T, V>(call, out(1), {out(2), false, p.epsilon}, p.activation);
  });
}

size_t train_workspace(std::span<const Desc> descs, const Params&) {
  const int64_t channels = descs[0].shape[-1];
  return reduce_bytes<Moments>(1, static_cast<int64_t>(descs[0].elements()) / channels, channels);
}

}  // namespace

const Kernel batch_norm_train_cuda[] = {{"batch_norm_train.cuda", train, nullptr, train_workspace}, {}};

}  // namespace lineament
