// Walks over the rows of [groups, rows, channels], neighbours in a row to neighbouring threads; and what
// comes together over them, in two kernels: each slice of rows on its own, then the slices. The cut depends
// on shapes alone.
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

  /// `most_blocks` or fewer where slices would be shorter than `depth` rows a thread; 0: as short as that.
  RowCut(int64_t groups, int64_t r, int64_t c, int pack, int64_t depth, int64_t most_blocks = 0)
      : rows(r), channels(static_cast<int>(c)) {
    const int packs = channels / pack;
    chunks = (packs + kBlockThreads - 1) / kBlockThreads;
    lanes = (packs + chunks - 1) / chunks;
    at_once = kBlockThreads / lanes;
    slice_rows = depth * at_once;
    if (most_blocks > 0) {
      const int64_t most_slices = std::max<int64_t>(1, most_blocks / (groups * chunks));
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
  int channel;          // its first; past the end: nothing to do
  int slot;             // which of the rows at once
  unsigned slice;       // counted through the groups
  int64_t first, last;  // rows, through the groups, every `step`-th
  int step;

  __device__ RowPlace(const RowCut& cut, int pack, unsigned block) {
    const unsigned thread = threadIdx.x, chunks = static_cast<unsigned>(cut.chunks);
    slot = static_cast<int>(thread) / cut.lanes;
    slice = block / chunks;
    channel =
        (static_cast<int>(block - slice * chunks) * cut.lanes + static_cast<int>(thread) - slot * cut.lanes) *
        pack;
    const unsigned group = slice / static_cast<unsigned>(cut.slices);
    const int64_t begin = (slice - group * static_cast<unsigned>(cut.slices)) * cut.slice_rows;
    const int64_t end = begin + cut.slice_rows;
    first = group * cut.rows + begin + slot;
    last = group * cut.rows + (end < cut.rows ? end : cut.rows);
    step = cut.at_once;
  }
};

inline constexpr int kFinishChannels = 16;
/// As many as shared memory holds of 48 KB.
template <class Sum>
inline constexpr int kFinishSlices = sizeof(Sum) <= 64 ? 32 : 16;

/// f(place, sums) puts what a thread's rows give into sums[V], which are empty (all zeros); Sum::merge brings
/// two of them together. partial [groups, slices, channels].
template <class Sum, int V, class F>
__global__ void reduce_rows(F f, RowCut cut, Sum* partial) {
  __shared__ Sum held[V][kBlockThreads];
  const RowPlace place(cut, V, blockIdx.x);
  Sum sums[V] = {};
  if (place.channel < cut.channels && place.first < place.last) f(place, sums);
  const int thread = static_cast<int>(threadIdx.x);
  for (int v = 0; v < V; ++v) held[v][thread] = sums[v];
  for (int left = cut.at_once; left > 1; left = (left + 1) / 2) {
    const int half = (left + 1) / 2;
    __syncthreads();
    if (place.slot < left / 2)
      for (int v = 0; v < V; ++v) held[v][thread].merge(held[v][thread + half * cut.lanes]);
  }
  if (place.slot == 0 && place.channel < cut.channels)
    for (int v = 0; v < V; ++v)
      partial[int64_t{place.slice} * cut.channels + place.channel + v] = held[v][thread];
}

/// f(i, c, sum) for each channel c of each group, i the channel counted through the groups.
template <class Sum, class F>
__global__ void finish_rows(F f, const Sum* partial, int slices, int channels) {
  __shared__ Sum held[kFinishSlices<Sum>][kFinishChannels];
  const int chunks = (channels + kFinishChannels - 1) / kFinishChannels;
  const int64_t group = blockIdx.x / chunks;
  const int tx = static_cast<int>(threadIdx.x), ty = static_cast<int>(threadIdx.y);
  const int channel = static_cast<int>(blockIdx.x - group * chunks) * kFinishChannels + tx;
  Sum sum = {};
  if (channel < channels)
    for (int s = ty; s < slices; s += kFinishSlices<Sum>)
      sum.merge(partial[(group * slices + s) * channels + channel]);
  held[ty][tx] = sum;
  for (int half = kFinishSlices<Sum> / 2; half > 0; half /= 2) {
    __syncthreads();
    if (ty < half) held[ty][tx].merge(held[ty + half][tx]);
  }
  if (ty == 0 && channel < channels) f(group * channels + channel, channel, held[0][tx]);
}

/// Some sums at once.
template <int K>
struct Sums {
  float at[K];
  __device__ void merge(const Sums& other) {
    for (int k = 0; k < K; ++k) at[k] += other.at[k];
  }
};

/// Enough to fill a GPU, few enough that bringing their sums together is nothing.
inline constexpr int64_t kReduceBlocks = 512;

/// The cut of a reduction, each thread at least four rows deep.
inline RowCut cut_to_reduce(int64_t groups, int64_t rows, int64_t channels, int pack) {
  return RowCut(groups, rows, channels, pack, 4, std::max(groups, kReduceBlocks));
}

/// Bytes of workspace that `reduce` needs, whatever the pack.
template <class Sum>
size_t reduce_bytes(int64_t groups, int64_t rows, int64_t channels) {
  int64_t slices = 0;
  for (int pack : {1, kPack<float>, kPack<bfloat16>})
    if (channels % pack == 0)
      slices = std::max<int64_t>(slices, cut_to_reduce(groups, rows, channels, pack).slices);
  return static_cast<size_t>(groups * slices * channels) * sizeof(Sum);
}

template <class Sum, int V, class Take, class Finish>
void reduce(const Call& call, int64_t groups, int64_t rows, int64_t channels, Take take, Finish finish) {
  const RowCut cut = cut_to_reduce(groups, rows, channels, V);
  Sum* partial = static_cast<Sum*>(call.workspace);
  launch(reduce_rows<Sum, V, Take>, cut.blocks(groups), cut.threads(), call, take, cut, partial);
  launch(finish_rows<Sum, Finish>, static_cast<unsigned>(groups) * blocks_for(channels, kFinishChannels),
         dim3(kFinishChannels, kFinishSlices<Sum>), call, finish, static_cast<const Sum*>(partial),
         cut.slices, cut.channels);
}

}  // namespace lineament
