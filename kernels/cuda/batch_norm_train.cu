// Batch norm by the batch. In one kernel: each block keeps its rows in shared memory, all blocks of a channel meet over their
// moments, and each normalises what it kept. In two, for channels that make no packs: moments, then one pass that normalises.
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/meeting.h"
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

/// Sums over a thread's rows of the distances from its first, for V channels: as exact as the moments of so few rows.
template <int V>
struct FewMoments {
  Floats<V> start, sum = {}, squares = {};

  __device__ void add(const Floats<V>& x) {
    for (int v = 0; v < V; ++v) {
      const float d = x.at[v] - start.at[v];
      sum.at[v] += d;
      squares.at[v] += d * d;
    }
  }
  __device__ Moments moments(int v, float count) const {
    const float mean = sum.at[v] / count, left = squares.at[v] - sum.at[v] * mean;
    return {count, start.at[v] + mean, left < 0 ? 0.0f : left};
  }
};

/// A thread's rows.
template <class T, int V>
struct MomentsOf {
  const T* x;
  int64_t channels;

  __device__ void operator()(const RowPlace& place, Moments (&moments)[V]) const {
    const T* at = x + place.channel;
    FewMoments<V> few{load<V>(at + place.first * channels)};
    each_row(
        place, [&](int64_t row) { return load_pack<V>(at + row * channels); },
        [&](const Pack<T, V>& pack) { few.add(widened(pack)); });
    const auto count = static_cast<float>((place.last - place.first + place.step - 1) / place.step);
    for (int v = 0; v < V; ++v) moments[v] = few.moments(v, count);
  }
};

struct Statistics {
  const float *running_mean, *running_variance, *bias;  // bias: null where x has all of it
  float *mean, *inv_std, *new_mean, *new_variance;      // the new ones perhaps in the place of the old
  float epsilon, momentum;

  __device__ float inverse(const Moments& m) const { return 1.0f / sqrtf(m.squares / m.count + epsilon); }
  __device__ void operator()(int64_t, int c, const Moments& m) const {
    const float variance = m.squares / m.count;
    mean[c] = m.mean;
    inv_std[c] = inverse(m);
    new_mean[c] = running_mean[c] * momentum + (m.mean + (bias ? bias[c] : 0.0f)) * (1 - momentum);
    new_variance[c] = running_variance[c] * momentum + variance * (1 - momentum);
  }
};

/// A part's mean and squares about it, of each of the block's channels, into `partial`.
template <class T, int V>
__device__ void note_part(const T* x, const MeetingCut& cut, const MeetingPlace& place, const MeetingRoom<T, V>& room,
                          Pack<float, 2>* partial) {
  FewMoments<V> few{};
  as_they_arrive(place.rows < room.held ? place.rows : room.held, [&](int r) {
    const Floats<V> value = widened(room.row_of(0, r));
    if (r == 0) few.start = value;
    few.add(value);
  });
  each_ahead(
      room.held, place.rows, 1, [&](int64_t r) { return load_pack<V>(x + place.row(static_cast<int>(r)) * cut.channels + place.channel); },
      [&](const Pack<T, V>& pack) { few.add(widened(pack)); });

  const float count = static_cast<float>(place.rows), all = rows_of_part(cut, place.part);
  Floats<V> mean = {}, squares = {}, weighted;
  if (place.rows > 0)
    for (int v = 0; v < V; ++v) {
      const Moments m = few.moments(v, count);
      mean.at[v] = m.mean;
      squares.at[v] = m.squares;
    }
  for (int v = 0; v < V; ++v) weighted.at[v] = mean.at[v] * count;
  room.add_up(weighted, 0);
  const Floats<V> sum = room.vector(0, place.lane);
  for (int v = 0; v < V; ++v) {
    const float d = mean.at[v] - sum.at[v] / all;
    squares.at[v] += count * d * d;
  }
  room.add_up(squares, 1);
  const int k = place.thread, channel = place.chunk * room.width + k;
  if (k < room.width && channel < cut.channels)
    partial[(int64_t{place.chunk} * cut.parts + place.part) * room.width + k] = {
        {room.vectors[k] / all, room.vectors[room.width + k]}};
}

/// What the parts come to: mean and 1 / standard deviation into the room's vectors 0 and 1, and once into memory.
template <class T, int V>
__device__ void merge_parts(const Statistics& statistics, const MeetingCut& cut, const MeetingPlace& place,
                            const MeetingRoom<T, V>& room, const Pack<float, 2>* partial) {
  const Pack<float, 2>* parts = partial + int64_t{place.chunk} * cut.parts * room.width;
  // About the first part's mean: what cancels is no more than that part's own squares.
  const int k = place.thread % room.width;
  const float about = __ldcg(reinterpret_cast<const float*>(parts + k));
  add_up_parts(room, cut, parts, [&](float mean, float squares, int part) {
    const float d = mean - about, count = rows_of_part(cut, part);
    return Floats<2>{{count * d, squares + count * d * d}};
  });
  const int channel = place.chunk * room.width + place.thread;
  if (place.thread < room.width && channel < cut.channels) {
    const float count = static_cast<float>(cut.rows), moved = room.vectors[k] / count,
                squares = room.vectors[room.width + k] - room.vectors[k] * moved;
    const Moments m{count, about + moved, squares < 0 ? 0.0f : squares};
    if (place.part == 0) statistics(0, channel, m);
    room.vectors[k] = m.mean;
    room.vectors[room.width + k] = statistics.inverse(m);
  }
  __syncthreads();
}

template <class T, int V, Activation kind, bool kResidual>
__global__ void __launch_bounds__(kMeetingThreads, 1)
    one_kernel(Normalised<T> n, Statistics statistics, MeetingCut cut, Pack<float, 2>* partial, unsigned* tickets) {
  after_previous_kernel();
  const MeetingPlace place(cut);
  const MeetingRoom<T, V> room(cut);
  const int kept = place.rows < room.held ? place.rows : room.held;
  const auto element = [&](int r) { return place.row(r) * cut.channels + place.channel; };
  for (int g = 0; g < kSendGroups; ++g) {
    for (int r = group_begin(g, kept); r < group_begin(g + 1, kept); ++r) send(room.row_of(0, r), n.x + element(r));
    end_group();
  }
  note_part<T, V>(n.x, cut, place, room, partial);
  if (cut.parts > 1) meet(tickets + 2 * place.chunk, cut.parts);
  __syncthreads();
  merge_parts<T, V>(statistics, cut, place, room, partial);
  if (place.rows == 0) return;

  const Floats<V> mean = room.vector(0, place.lane), beta = load<V>(n.beta + place.channel), gamma = load<V>(n.gamma + place.channel);
  Floats<V> scale = room.vector(1, place.lane);
  for (int v = 0; v < V; ++v) scale.at[v] *= gamma.at[v];
  for (int begin = 0; begin < place.rows; begin += kSweepRows) {
    Pack<T, V> x[kSweepRows], residual[kSweepRows];
#pragma unroll
    for (int s = 0; s < kSweepRows; ++s) {
      const int r = begin + s < place.rows ? begin + s : place.rows - 1;
      if constexpr (kResidual) residual[s] = load_pack<V>(n.residual + element(r));
      x[s] = r < room.held ? room.row_of(0, r) : load_pack<V>(n.x + element(r));
    }
#pragma unroll
    for (int s = 0; s < kSweepRows; ++s) {
      if (begin + s >= place.rows) continue;
      Floats<V> y = widened(x[s]);
      for (int v = 0; v < V; ++v) y.at[v] = (y.at[v] - mean.at[v]) * scale.at[v] + beta.at[v];
      if constexpr (kResidual) {
        const Floats<V> beside = widened(residual[s]);
        for (int v = 0; v < V; ++v) y.at[v] += beside.at[v];
      }
      for (int v = 0; v < V; ++v) y.at[v] = activated<float>(kind, y.at[v], kLeakySlope);
      store<V>(n.y + element(begin + s), y);
    }
  }
}

Statistics statistics_of(const Call& call) {
  const auto p = call.params.as<BatchNormParams>();
  const auto in = [&](size_t i) { return call.in[i].as<float>(); };
  const auto out = [&](size_t i) { return call.out[i].as<float>(); };
  return {in(3), in(4), p.bias ? in(call.in.size() - 1) : nullptr, out(1), out(2), out(3), out(4), p.epsilon, p.momentum};
}

void train(const Call& call) {
  const auto p = call.params.as<BatchNormParams>();
  const auto [rows, channels] = rows_and_channels(call.in[0].desc);
  by_storage(call.in[0], [&, rows = rows, channels = channels]<class T>(T) {
    reduce<Moments, 1>(call, 1, rows, channels, MomentsOf<T, 1>{call.in[0].as<T>(), channels}, statistics_of(call));
    normalise<T, 1>(call, call.out[1].as<float>(), {call.out[2].as<float>(), false, p.epsilon}, p.activation);
  });
}

size_t train_workspace(std::span<const Desc> descs, const Params&) {
  const auto [rows, channels] = rows_and_channels(descs[0]);
  return reduce_bytes<Moments>(1, rows, channels);
}

void train_in_one(const Call& call) {
  const auto p = call.params.as<BatchNormParams>();
  const MeetingCut cut = meeting_cut(context_of(call), call.in[0].desc, 1);
  expect_packs(call);
  by_storage(call.in[0], [&]<class T>(T) {
    constexpr int V = kPack<T>;
    const Normalised<T> n = normalised<T>(call, nullptr, {});
    by_activation(p.activation, [&](auto kind) {
      constexpr Activation k = decltype(kind)::value;
      launch_at_once(n.residual ? one_kernel<T, V, k, true> : one_kernel<T, V, k, false>, cut.blocks(),
                     static_cast<unsigned>(cut.threads()), cut.shared_bytes(1), call, n, statistics_of(call), cut,
                     static_cast<Pack<float, 2>*>(call.workspace), context_of(call).tickets);
    });
  });
}
bool in_one_supports(std::span<const Desc> descs, const Params&) { return meets(descs[0], 1); }
size_t in_one_workspace(std::span<const Desc> descs, const Params&) { return meeting_workspace(descs[0], 1); }

}  // namespace

const Kernel batch_norm_train_cuda[] = {
    {"batch_norm_train.cuda.one", train_in_one, in_one_supports, in_one_workspace},
    {"batch_norm_train.cuda.two", train, nullptr, train_workspace},
    {}};

}  // namespace lineament
