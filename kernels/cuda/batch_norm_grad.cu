// The gradient of a batch norm, g = act'(.) dy and z = (x - mean) inv_std: sums of g and g z, then
// dx = gamma inv_std (g - (dbeta + z dgamma) / rows) and dresidual = g. In one kernel, whose blocks keep their rows and meet over
// the sums, or in two, for channels that make no packs.
#include "kernels/cuda/divisor.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/meeting.h"
#include "kernels/cuda/normalise.h"

namespace lineament {
namespace {

template <class T>
struct Backward {
  const T *x, *dy, *y;               // y: null where the activation reads none
  const float *gamma, *mean, *beta;  // beta: null where y is read
  Deviation deviation;
  const T *more, *spread, *gate;  // null where dy has no such part; spread and gate [n,1,1,channels]
  Divisor picture;                // rows of one
  int64_t channels;

  /// dy gate + spread / pixels + more, of a row.
  template <int V>
  __device__ Floats<V> whole_dy(Floats<V> whole, int64_t row, int channel) const {
    const int64_t of_picture = picture.quotient(row) * channels + channel;
    if (gate) {
      const Floats<V> by = load<V>(gate + of_picture);
      for (int v = 0; v < V; ++v) whole.at[v] *= by.at[v];
    }
    if (spread) {
      const Floats<V> mean_dy = load<V>(spread + of_picture);
      const float share = 1.0f / static_cast<float>(picture.divisor());
      for (int v = 0; v < V; ++v) whole.at[v] += mean_dy.at[v] * share;
    }
    if (more) {
      const Floats<V> other = load<V>(more + row * channels + channel);
      for (int v = 0; v < V; ++v) whole.at[v] += other.at[v];
    }
    return whole;
  }
};

/// What is read of a row: raw, so that the next rows' loads need not wait.
template <class T, int V, bool kReadsY>
struct Element {
  Pack<T, V> x, dy, y;
  int64_t row;

  Element() = default;
  __device__ Element(const Backward<T>& b, int64_t r, int channel)
      : x(load_pack<V>(b.x + r * b.channels + channel)), dy(load_pack<V>(b.dy + r * b.channels + channel)), row(r) {
    if constexpr (kReadsY) y = load_pack<V>(b.y + r * b.channels + channel);
  }
  __device__ Floats<V> widened_y() const {
    if constexpr (kReadsY) return widened(y);
    return {};
  }
  /// kParts: dy may have parts.
  template <bool kParts>
  __device__ Floats<V> whole_dy(const Backward<T>& b, int channel) const {
    if constexpr (kParts) return b.template whole_dy<V>(widened(dy), row, channel);
    return widened(dy);
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
  __device__ Floats<V> scales() const {
    Floats<V> scale;
    for (int v = 0; v < V; ++v) scale.at[v] = gamma.at[v] * inv_std.at[v];
    return scale;
  }
  __device__ float g(int v, float z, float dy, float y) const {
    if constexpr (kReadsX) y = gamma.at[v] * z + beta.at[v];
    return kind == Activation::none ? dy : dy * activation_slope<float>(kind, y, kLeakySlope);
  }
};

template <class T, int V, Activation kind, bool kFromX>
struct GradientSums {
  Backward<T> b;

  __device__ void operator()(const RowPlace& place, Sums<2> (&sums)[V]) const {
    using Channels = ChannelsOf<T, V, kind, kFromX>;
    const Channels channel(b, place.channel);
    Floats<V> sum_g = {}, sum_gz = {};
    each_row(
        place,
        [&](int64_t row) { return Element<T, V, Channels::kReadsY>(b, row, place.channel); },
        [&](const Element<T, V, Channels::kReadsY>& element) {
          const Floats<V> x = widened(element.x), dy = element.template whole_dy<true>(b, place.channel), y = element.widened_y();
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

/// What a thread's channels need for dx: gamma inv_std, and the two sums.
template <int V>
struct Slopes {
  Floats<V> scale, dgamma, dbeta;
  float per_row;
};

/// dx and dresidual of a row, from its pixel and channel on.
template <class T, int V, class Channels>
__device__ void write_gradients(const Channels& channel, const Slopes<V>& slopes, const Element<T, V, Channels::kReadsY>& element,
                                const Floats<V>& dy, T* dx, T* dresidual) {
  const Floats<V> x = widened(element.x), y = element.widened_y();
  Floats<V> down, upstream;
  for (int v = 0; v < V; ++v) {
    const float z = channel.z(v, x.at[v]), g = channel.g(v, z, dy.at[v], y.at[v]);
    const float moved = (slopes.dbeta.at[v] + z * slopes.dgamma.at[v]) * slopes.per_row;
    down.at[v] = slopes.scale.at[v] * (g - moved);
    upstream.at[v] = g;
  }
  store<V>(dx, down);
  if (dresidual) store<V>(dresidual, upstream);
}

inline constexpr int kGradientRows = 2;  // of a thread, all on their way at once

/// dx perhaps in the place of dy. From the last rows to the first: those are still in the cache.
template <class T, int V, Activation kind, bool kFromX>
__global__ void gradient_kernel(Backward<T> b, VectorGradients vectors, float per_row, T* dx, T* dresidual,
                                RowCut cut) {
  after_previous_kernel();
  using Channels = ChannelsOf<T, V, kind, kFromX>;
  const RowPlace place(cut, V, gridDim.x - 1 - blockIdx.x);
  if (place.channel >= cut.channels || place.first >= place.last) return;
  Element<T, V, Channels::kReadsY> elements[kGradientRows];
#pragma unroll
  for (int r = 0; r < kGradientRows; ++r)
    elements[r] = {b, place.row_or_last(r), place.channel};
  const Channels channel(b, place.channel);
  const Slopes<V> slopes{channel.scales(), load<V>(vectors.dgamma + place.channel),
                         load<V>(vectors.dbeta + place.channel), per_row};
#pragma unroll
  for (int r = 0; r < kGradientRows; ++r) {
    const int64_t row = place.first + r * place.step, i = row * cut.channels + place.channel;
    if (row < place.last)
      write_gradients<T, V>(channel, slopes, elements[r], elements[r].template whole_dy<true>(b, place.channel), dx + i,
                            dresidual ? dresidual + i : nullptr);
  }
}

/// The same in one kernel. partial [chunks, parts, width]: sums of g and g z.
template <class T, int V, Activation kind, bool kFromX, bool kParts>
__global__ void __launch_bounds__(kMeetingThreads, 1)
    one_kernel(Backward<T> b, VectorGradients vectors, float per_row, T* dx, T* dresidual, MeetingCut cut,
               Pack<float, 2>* partial, unsigned* tickets) {
  after_previous_kernel();
  using Channels = ChannelsOf<T, V, kind, kFromX>;
  using Row = Element<T, V, Channels::kReadsY>;
  const MeetingPlace place(cut);
  const MeetingRoom<T, V> room(cut);
  const int kept = place.rows < room.held ? place.rows : room.held;
  const auto at = [&](int r) { return place.row(r) * cut.channels + place.channel; };
  for (int g = 0; g < kSendGroups; ++g) {
    for (int r = group_begin(g, kept); r < group_begin(g + 1, kept); ++r) {
      send(room.row_of(0, r), b.x + at(r));
      send(room.row_of(1, r), b.dy + at(r));
      if constexpr (Channels::kReadsY) send(room.row_of(2, r), b.y + at(r));
    }
    end_group();
  }
  const auto kept_row = [&](int r) {
    Row row;
    row.row = place.row(r);
    row.x = room.row_of(0, r);
    row.dy = room.row_of(1, r);
    if constexpr (Channels::kReadsY) row.y = room.row_of(2, r);
    return row;
  };

  const Channels channel(b, place.channel < cut.channels ? place.channel : 0);
  Floats<V> sum_g = {}, sum_gz = {};
  const auto add = [&](const Row& row) {
    const Floats<V> x = widened(row.x), dy = row.template whole_dy<kParts>(b, place.channel), y = row.widened_y();
    for (int v = 0; v < V; ++v) {
      const float z = channel.z(v, x.at[v]), g = channel.g(v, z, dy.at[v], y.at[v]);
      sum_g.at[v] += g;
      sum_gz.at[v] += g * z;
    }
  };
  each_ahead(
      room.held, place.rows, 1, [&](int64_t r) { return Row(b, place.row(static_cast<int>(r)), place.channel); }, add);
  as_they_arrive(kept, [&](int r) { add(kept_row(r)); });
  room.add_up(sum_g, 0);
  room.add_up(sum_gz, 1);
  const int k = place.thread, own = place.chunk * room.width + k;
  Pack<float, 2>* parts = partial + int64_t{place.chunk} * cut.parts * room.width;
  if (cut.parts > 1) {
    if (k < room.width) parts[int64_t{place.part} * room.width + k] = {{room.vectors[k], room.vectors[room.width + k]}};
    meet(tickets + 2 * place.chunk, cut.parts);
    add_up_parts(room, cut, parts, [](float g, float gz, int) { return Floats<2>{{g, gz}}; });
  }
  if (place.part == 0 && k < room.width && own < cut.channels)
    vectors(0, own, {{room.vectors[k], room.vectors[room.width + k]}});
  if (place.rows == 0) return;

  const Slopes<V> slopes{channel.scales(), room.vector(1, place.lane), room.vector(0, place.lane), per_row};
  for (int begin = 0; begin < place.rows; begin += kGradientRows) {
    Row rows[kGradientRows];
#pragma unroll
    for (int s = 0; s < kGradientRows; ++s) {
      const int r = begin + s < place.rows ? begin + s : place.rows - 1;
      rows[s] = r < room.held ? kept_row(r) : Row(b, place.row(r), place.channel);
    }
#pragma unroll
    for (int s = 0; s < kGradientRows; ++s)
      if (begin + s < place.rows) {
        const int64_t i = at(begin + s);
        write_gradients<T, V>(channel, slopes, rows[s], rows[s].template whole_dy<kParts>(b, place.channel), dx + i,
                              dresidual ? dresidual + i : nullptr);
      }
  }
}

template <class T>
Backward<T> backward_of(const Call& call) {
  const auto p = call.params.as<BatchNormGradParams>();
  const bool reads_beta = p.slope_from_x, reads_y = p.activation != Activation::none && !reads_beta;
  size_t next = p.activation == Activation::none ? 5 : 6;
  const auto part = [&](bool there) -> const T* { return there ? call.in[next++].as<T>() : nullptr; };
  const T *more = part(p.dy.more), *spread = part(p.dy.spread), *gate = part(p.dy.gate);
  const auto [rows, channels] = rows_and_channels(call.in[0].desc);
  return {call.in[0].as<T>(),
          call.in[4].as<T>(),
          reads_y ? call.in[5].as<T>() : nullptr,
          call.in[1].as<float>(),
          call.in[2].as<float>(),
          reads_beta ? call.in[5].as<float>() : nullptr,
          {call.in[3].as<float>(), !p.batch_statistics, p.epsilon},
          more,
          spread,
          gate,
          Divisor(rows / call.in[0].shape()[0]),
          channels};
}
VectorGradients vectors_of(const Call& call) { return {call.out[1].as<float>(), call.out[2].as<float>()}; }

/// What the sums are divided by where x moves the statistics it was normalised by.
float per_row_of(const Call& call) {
  const auto rows = static_cast<float>(rows_and_channels(call.in[0].desc).rows);
  return call.params.as<BatchNormGradParams>().batch_statistics ? 1.0f / rows : 0.0f;
}

void gradient(const Call& call) {
  const auto p = call.params.as<BatchNormGradParams>();
  const auto [rows, channels] = rows_and_channels(call.in[0].desc);
  const RowCut cut(rows, channels, 1, kGradientRows);
  by_storage(call.in[0], [&, rows = rows, channels = channels]<class T>(T) {
    const Backward<T> b = backward_of<T>(call);
    by_slope(p, [&](auto kind, auto from_x) {
      constexpr Activation k = decltype(kind)::value;
      constexpr bool kFromX = decltype(from_x)::value;
      reduce<Sums<2>, 1>(call, 1, rows, channels, GradientSums<T, 1, k, kFromX>{b}, vectors_of(call));
      launch(gradient_kernel<T, 1, k, kFromX>, cut.blocks(1), cut.threads(), call, b, vectors_of(call), per_row_of(call),
             call.out[0].as<T>(), p.residual ? call.out[3].as<T>() : nullptr, cut);
    });
  });
}

size_t gradient_workspace(std::span<const Desc> descs, const Params&) {
  const auto [rows, channels] = rows_and_channels(descs[0]);
  return reduce_bytes<Sums<2>>(1, rows, channels);
}

/// x, dy, and y where the slope is that at y.
int kept_tensors(const Params& params) {
  const auto p = params.as<BatchNormGradParams>();
  return p.activation == Activation::none || p.slope_from_x ? 2 : 3;
}

void gradient_in_one(const Call& call) {
  const auto p = call.params.as<BatchNormGradParams>();
  expect_packs(call);
  by_storage(call.in[0], [&]<class T>(T) {
    constexpr int V = kPack<T>;
    by_slope(p, [&](auto kind, auto from_x) {
      constexpr Activation k = decltype(kind)::value;
      constexpr bool kFromX = decltype(from_x)::value;
      const MeetingCut cut = meeting_cut(context_of(call), call.in[0].desc, kept_tensors(call.params));
      launch_at_once(p.dy.any() ? one_kernel<T, V, k, kFromX, true> : one_kernel<T, V, k, kFromX, false>, cut.blocks(), static_cast<unsigned>(cut.threads()),
                     cut.shared_bytes(kept_tensors(call.params)), call, backward_of<T>(call), vectors_of(call), per_row_of(call),
                     call.out[0].as<T>(), p.residual ? call.out[3].as<T>() : nullptr, cut,
                     static_cast<Pack<float, 2>*>(call.workspace), context_of(call).tickets);
    });
  });
}
bool in_one_supports(std::span<const Desc> descs, const Params& params) { return meets(descs[0], kept_tensors(params)); }
size_t in_one_workspace(std::span<const Desc> descs, const Params& params) {
  return meeting_workspace(descs[0], kept_tensors(params));
}

}  // namespace

const Kernel batch_norm_grad_cuda[] = {
    {"batch_norm_grad.cuda.one", gradient_in_one, in_one_supports, in_one_workspace},
    {"batch_norm_grad.cuda.two", gradient, nullptr, gradient_workspace},
    {}};

}  // namespace lineament
