// Walks over the rows of [groups, rows, channels], neighbours in a row to neighbouring threads; and what
// comes together over them, in one kernel: each slice of rows on its own, and the slices by the block that is
// last to finish, in their order. The cut depends on shapes alone.
#pragma once
#include <algorithm>

#include "kernels/cuda/floats.h"

namespace lineament {

/// A block takes `lanes` packs of a row and `at_once` rows, and goes on to its slice's next rows from there:
/// the threads of a warp read without gaps, however many channels there are.
struct RowCut {
  int64_t rows;  // of a group
  int channels, lanes, at_once, chunks;
  int slices;
  int64_t slice_rows;

  /// `most_slices` or fewer where they would be shorter than `depth` rows a thread; 0: as short as that.
  RowCut(int64_t r, int64_t c, int pack, int64_t depth, int most_lanes = kBlockThreads,
         int64_t most_slices = 0)
      : rows(r), channels(static_cast<int>(c)) {
    const int packs = channels / pack;
    chunks = (packs + most_lanes - 1) / most_lanes;
    lanes = (packs + chunks - 1) / chunks;
    at_once = static_cast<int>(std::min<int64_t>(kBlockThreads / lanes, rows));
    slice_rows = depth * at_once;
    if (most_slices > 0) {
      const int64_t steps = (rows + most_slices * at_once - 1) / (most_slices * at_once);
      slice_rows = std::max(depth, steps) * at_once;
    }
    slices = static_cast<int>((rows + slice_rows - 1) / slice_rows);
  }
  unsigned blocks(int64_t groups) const { return static_cast<unsigned>(groups * slices * chunks); }
  unsigned threads() const { return static_cast<unsigned>(lanes * at_once); }
};

/// Where a thread is in a cut.
struct RowPlace {
  int channel;     // its first; past the end: nothing to do
  int slot;        // which of the rows at once
  unsigned slice;  // counted through the groups
  unsigned group;
  int64_t first, last;  // rows, through the groups, every `step`-th
  int step;

  __device__ RowPlace(const RowCut& cut, int pack, unsigned block) {
    const unsigned thread = threadIdx.x, chunks = static_cast<unsigned>(cut.chunks);
    slot = static_cast<int>(thread) / cut.lanes;
    slice = block / chunks;
    channel =
        (static_cast<int>(block - slice * chunks) * cut.lanes + static_cast<int>(thread) - slot * cut.lanes) *
        pack;
    group = slice / static_cast<unsigned>(cut.slices);
    const int64_t begin = (slice - group * static_cast<unsigned>(cut.slices)) * cut.slice_rows;
    const int64_t end = begin + cut.slice_rows;
    first = group * cut.rows + begin + slot;
    last = group * cut.rows + (end < cut.rows ? end : cut.rows);
    step = cut.at_once;
  }
  /// The thread's r-th row; past the end one that is there, so that loads need no condition.
  __device__ int64_t row_or_last(int r) const {
    const int64_t row = first + r * step;
    return row < last ? row : last - 1;
  }
};

/// use(load(i)) for every `step`-th i from `first` on, the loads of four on their way at once.
template <class Load, class Use>
__device__ inline void each_ahead(int64_t first, int64_t last, int step, Load load, Use use) {
  constexpr int kAhead = 4;
  int64_t i = first;
  for (; i + (kAhead - 1) * step < last; i += kAhead * step) {
    decltype(load(i)) held[kAhead];
#pragma unroll
    for (int r = 0; r < kAhead; ++r) held[r] = load(i + r * step);
#pragma unroll
    for (int r = 0; r < kAhead; ++r) use(held[r]);
  }
  for (; i < last; i += step) use(load(i));
}
/// Of a thread's rows.
template <class Load, class Use>
__device__ inline void each_row(const RowPlace& place, Load load, Use use) {
  each_ahead(place.first, place.last, place.step, load, use);
}

/// What other blocks have written while this one ran: not from a cache of its own multiprocessor.
template <class Sum>
__device__ inline Sum load_fresh(const Sum* from) {
  struct {
    float at[sizeof(Sum) / sizeof(float)];
  } raw;
  for (size_t k = 0; k < sizeof(Sum) / sizeof(float); ++k)
    raw.at[k] = __ldcg(reinterpret_cast<const float*>(from) + k);
  return std::bit_cast<Sum>(raw);
}

/// Brings held[thread] of `slots` threads, `width` apart, together in those of slot 0.
template <class Sum>
__device__ inline void join_slots(Sum* held, int thread, int slot, int slots, int width) {
  for (int left = slots; left > 1; left = (left + 1) / 2) {
    const int half = (left + 1) / 2;
    __syncthreads();
    if (slot < left / 2) held[thread].merge(held[thread + half * width]);
  }
}

/// Whether a block is the last of those that share a ticket, whose writes it then sees. The ticket is 0 before and after.
__device__ inline bool is_last(unsigned* ticket, int blocks) {
  __shared__ bool last;
  __threadfence();
  __syncthreads();
  if (threadIdx.x == 0) {
    last = atomicAdd(ticket, 1u) + 1 == static_cast<unsigned>(blocks);
    if (last) *ticket = 0;
  }
  __syncthreads();
  __threadfence();
  return last;
}

/// take(place, sums) puts what a thread's rows give into sums[V], which are empty (all zeros); Sum::merge brings two of
/// them together; finish(i, c, sum) has each channel c of each group, i the channel counted through the groups.
/// partial [groups, slices, channels] and tickets [groups, chunks] where there is more than one slice.
template <class Sum, int V, class Take, class Finish>
__global__ void __launch_bounds__(kBlockThreads)
    reduce_kernel(Take take, Finish finish, RowCut cut, Sum* partial, unsigned* tickets) {
  after_previous_kernel();
  __shared__ Sum held[V][kBlockThreads];
  const RowPlace place(cut, V, blockIdx.x);
  const int thread = static_cast<int>(threadIdx.x);
  Sum sums[V] = {};
  if (place.channel < cut.channels && place.first < place.last) take(place, sums);
  for (int v = 0; v < V; ++v) held[v][thread] = sums[v];
  for (int left = cut.at_once; left > 1; left = (left + 1) / 2) {
    const int half = (left + 1) / 2;
    __syncthreads();
    if (place.slot < left / 2)
      for (int v = 0; v < V; ++v) held[v][thread].merge(held[v][thread + half * cut.lanes]);
  }
  __syncthreads();

  // From here on a thread has one channel of the block's, not a pack.
  const unsigned chunk = blockIdx.x % static_cast<unsigned>(cut.chunks);
  const int width = cut.lanes * V, first = static_cast<int>(chunk) * width;
  const int64_t group_first = int64_t{place.group} * cut.channels;
  for (int k = thread; k < width && first + k < cut.channels; k += static_cast<int>(blockDim.x)) {
    const Sum& sum = held[k % V][k / V];
    if (cut.slices == 1)
      finish(group_first + first + k, first + k, sum);
    else
      partial[int64_t{place.slice} * cut.channels + first + k] = sum;
  }
  if (cut.slices == 1) return;
  if (!is_last(tickets + place.group * static_cast<unsigned>(cut.chunks) + chunk, cut.slices)) return;

  const int teams = cut.at_once / V, team = thread / width;  // a team has every so many slices
  const int channel = first + thread % width;
  Sum sum = {};
  if (team < teams && channel < cut.channels) {
    const Sum* slices = partial + group_first * cut.slices + channel;
    each_ahead(
        team, cut.slices, teams, [&](int64_t s) { return load_fresh(slices + s * cut.channels); },
        [&](const Sum& slice) { sum.merge(slice); });
  }
  held[0][thread] = sum;
  join_slots(held[0], thread, team, teams, width);
  if (team == 0 && channel < cut.channels) finish(group_first + channel, channel, held[0][thread]);
}

/// Some sums at once.
template <int K>
struct Sums {
  float at[K];
  __device__ void merge(const Sums& other) {
    for (int k = 0; k < K; ++k) at[k] += other.at[k];
  }
};

/// A `take` that adds up the rows of x as they are.
template <class T, int V>
struct RowSums {
  const T* x;
  int64_t channels;
  __device__ void operator()(const RowPlace& place, Sums<1> (&sums)[V]) const {
    each_row(
        place, [&](int64_t row) { return load_pack<V>(x + row * channels + place.channel); },
        [&](const Pack<T, V>& pack) {
          const Floats<V> here = widened(pack);
          for (int v = 0; v < V; ++v) sums[v].at[0] += here.at[v];
        });
  }
};

/// Enough to fill a GPU; and channels of a block, few enough that the last to finish has little left to do.
inline constexpr int64_t kReduceBlocks = kTickets, kReduceDepth = 8, kReduceSlices = 256;
inline constexpr int kReduceChannels = 64;

/// The cut of a reduction, each thread at least eight rows deep.
inline RowCut cut_to_reduce(int64_t groups, int64_t rows, int64_t channels, int pack) {
  const int64_t chunks = (channels + kReduceChannels - 1) / kReduceChannels;
  return RowCut(rows, channels, pack, kReduceDepth, kReduceChannels / pack,
                std::clamp<int64_t>(kReduceBlocks / (groups * chunks), 1, kReduceSlices));
}

/// Bytes of workspace that `reduce` needs, whatever the pack.
template <class Sum>
size_t reduce_bytes(int64_t groups, int64_t rows, int64_t channels) {
  int64_t slices = 0;
  for (int pack : {1, kPack<float>, kPack<bfloat16>})
    if (channels % pack == 0)
      slices = std::max<int64_t>(slices, cut_to_reduce(groups, rows, channels, pack).slices);
  return slices == 1 ? 0 : static_cast<size_t>(groups * slices * channels) * sizeof(Sum);
}

template <class Sum, int V, class Take, class Finish>
void reduce(const Call& call, int64_t groups, int64_t rows, int64_t channels, Take take, Finish finish) {
  const RowCut cut = cut_to_reduce(groups, rows, channels, V);
  launch(reduce_kernel<Sum, V, Take, Finish>, cut.blocks(groups), cut.threads(), call, take, finish, cut,
         static_cast<Sum*>(call.workspace), context_of(call).tickets);
}

}  // namespace lineament
