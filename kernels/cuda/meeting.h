// Sums over all rows of [rows, channels] that every block needs before it goes on: blocks that all run at once keep their rows in
// shared memory, meet once, and go on with what they have kept. One kernel, and tensors are read once; what shared memory
// has no room for is read again. Cut and order depend on shapes and the card alone: the same bits in every run.
#pragma once
#include <algorithm>

#include "kernels/cuda/floats.h"

namespace lineament {

inline constexpr int kMeetingThreads = 512;
inline constexpr int kMeetingLanes = 8, kMostMeetingLanes = 32;  // packs of a row: a line of the cache, or what a small card needs
inline constexpr int64_t kMeetingDepth = 2;                     // rows of a thread, or fewer blocks meet

/// A chunk of channels belongs to `parts` blocks. A thread has `at_once`-th rows of its part, the first `held` of them kept.
struct MeetingCut {
  int64_t rows, part_rows;
  int channels, pack, lanes, at_once, chunks, parts, held;

  MeetingCut(const CudaContext& context, int64_t r, int64_t c, int v, int tensors)
      : rows(r), channels(static_cast<int>(c)), pack(v) {
    const int packs = channels / pack;
    int most_lanes = kMeetingLanes;
    const auto chunks_of = [&] { return (packs + most_lanes - 1) / most_lanes; };
    while (chunks_of() > context.multiprocessors && most_lanes < kMostMeetingLanes) most_lanes *= 2;
    chunks = chunks_of();
    lanes = (packs + chunks - 1) / chunks;
    at_once = kMeetingThreads / lanes;
    const int64_t most_parts = std::max(1, context.multiprocessors / chunks);
    const int64_t steps = (rows + at_once - 1) / at_once;
    part_rows = std::max((steps + most_parts - 1) / most_parts, std::min(steps, kMeetingDepth)) * at_once;
    parts = static_cast<int>((rows + part_rows - 1) / part_rows);
    const int64_t room = std::max<int64_t>(0, context.shared_bytes - own_floats() * int64_t{sizeof(float)});
    held = static_cast<int>(std::min<int64_t>(part_rows / at_once, room / row_bytes() / tensors));
  }
  bool fits(const CudaContext& context) const {
    return chunks <= context.multiprocessors && 2 * chunks <= kTickets && held > 0;
  }
  LINEAMENT_HD int threads() const { return lanes * at_once; }
  LINEAMENT_HD int width() const { return lanes * pack; }  // channels of a chunk
  unsigned blocks() const { return static_cast<unsigned>(chunks * parts); }
  /// Of one row of every thread.
  int64_t row_bytes() const { return int64_t{threads()} * 16; }
  /// Of a block, before what it keeps: whole packs.
  LINEAMENT_HD int own_floats() const { return vectors_at() + (2 * width() + 7) / 8 * 8; }
  /// Where a room's vectors begin, in floats: packs of up to 8 are read from them.
  LINEAMENT_HD int vectors_at() const { return (threads() * (pack + 2) + 7) / 8 * 8; }
  size_t shared_bytes(int tensors) const {
    return static_cast<size_t>(own_floats()) * sizeof(float) + static_cast<size_t>(tensors * held * row_bytes());
  }
  /// Of the workspace: two sums of each channel of each block.
  size_t partial_bytes() const { return static_cast<size_t>(chunks * parts * width()) * sizeof(Pack<float, 2>); }
};

// For kernels of pictures [..., channels] of f32 or bf16 that keep `tensors` of a row.
MeetingCut meeting_cut(const CudaContext& context, const Desc& x, int tensors);
/// Whether a row is whole packs, and there is a card whose blocks can meet over it.
bool meets(const Desc& x, int tensors);
size_t meeting_workspace(const Desc& x, int tensors);
void expect_packs(const Call& call);

struct RowsAndChannels {
  int64_t rows, channels;
};
inline RowsAndChannels rows_and_channels(const Desc& x) {
  const int64_t channels = x.shape[-1];
  return {static_cast<int64_t>(x.elements()) / channels, channels};
}

/// Where a thread is in a cut.
struct MeetingPlace {
  int thread, slot, lane, chunk, part;
  int channel;          // its first; past the end: nothing to do
  int64_t first, last;  // rows, every `step`-th
  int step, rows;       // how many those are

  __device__ explicit MeetingPlace(const MeetingCut& cut)
      : thread(static_cast<int>(threadIdx.x)), slot(thread / cut.lanes), lane(thread - slot * cut.lanes),
        chunk(static_cast<int>(blockIdx.x) % cut.chunks), part(static_cast<int>(blockIdx.x) / cut.chunks),
        channel((chunk * cut.lanes + lane) * cut.pack), step(cut.at_once) {
    const int64_t begin = part * cut.part_rows, end = begin + cut.part_rows;
    first = begin + slot;
    last = end < cut.rows ? end : cut.rows;
    rows = channel < cut.channels && first < last ? static_cast<int>((last - first + step - 1) / step) : 0;
  }
  __device__ int64_t row(int r) const { return first + int64_t{r} * step; }
};
/// Of all the rows, how many a part has.
__device__ inline float rows_of_part(const MeetingCut& cut, int part) {
  const int64_t begin = part * cut.part_rows, end = begin + cut.part_rows;
  return static_cast<float>((end < cut.rows ? end : cut.rows) - begin);
}

/// A sum and what its roundings left out (Knuth's two-sum): a thousand numbers cost no more digits than two.
struct ExactSum {
  float sum = 0, rest = 0;

  __device__ void add(float x) {
    const float both = sum + x, taken = both - sum;
    rest += (sum - (both - taken)) + (x - taken);
    sum = both;
  }
};

/// Shared memory of a block: room for sums, a few vectors of a chunk's channels, and what is kept of the tensors.
template <class T, int V>
struct MeetingRoom {
  float *sums, *teams, *vectors;
  Pack<T, V>* kept;
  int width, threads, held;

  __device__ explicit MeetingRoom(const MeetingCut& cut)
      : width(cut.width()), threads(cut.threads()), held(cut.held) {
    sums = static_cast<float*>(shared_memory());
    teams = sums + threads * V;
    vectors = sums + cut.vectors_at();
    kept = reinterpret_cast<Pack<T, V>*>(sums + cut.own_floats());
  }
  __device__ Pack<T, V>& row_of(int tensor, int r) const { return kept[(tensor * held + r) * threads + static_cast<int>(threadIdx.x)]; }

  /// Adds up what the threads of a chunk's channels hand in, and puts the sum of channel k of the chunk into vectors[which width + k].
  __device__ void add_up(const Floats<V>& mine, int which) const {
    const int thread = static_cast<int>(threadIdx.x), slots = threads / (width / V);
    store<V>(sums + thread * V, mine);  // [slots, width]
    __syncthreads();
    const int count = threads / width, team = thread / width, k = thread - team * width;
    if (team < count) {
      ExactSum sum;
      for (int slot = team; slot < slots; slot += count) sum.add(sums[slot * width + k]);
      teams[thread] = sum.sum;
      teams[threads + thread] = sum.rest;
    }
    __syncthreads();
    if (thread < width) {
      ExactSum sum;
      for (int t = 0; t < count; ++t) {
        sum.add(teams[t * width + thread]);
        sum.rest += teams[threads + t * width + thread];
      }
      vectors[which * width + thread] = sum.sum + sum.rest;
    }
    __syncthreads();
  }
  __device__ Floats<V> vector(int which, int lane) const { return load<V>(vectors + which * width + lane * V); }
};

/// 16 bytes on their way to shared memory, past the registers; arrived<N>() waits until all but the last N groups are there.
template <class P>
__device__ inline void send(P& to, const void* from) {
#ifdef __CUDA_ARCH__
  const auto at = static_cast<unsigned>(__cvta_generic_to_shared(&to));
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(at), "l"(from) : "memory");
#else
  memcpy(&to, from, sizeof(P));
#endif
}
__device__ inline void end_group() {
#ifdef __CUDA_ARCH__
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}
template <int N>
__device__ inline void arrived() {
#ifdef __CUDA_ARCH__
  asm volatile("cp.async.wait_group %0;" ::"n"(N) : "memory");
#endif
}

/// Groups in which a thread's rows are sent, so that the first are used while the last are on their way.
inline constexpr int kSendGroups = 4;
__device__ inline int group_begin(int group, int rows) { return group * rows / kSendGroups; }

/// f(r) for the rows in [0, rows) as they arrive.
template <class F>
__device__ inline void as_they_arrive(int rows, F f) {
  const auto group = [&]<int G>(std::integral_constant<int, G>) {
    arrived<kSendGroups - 1 - G>();
    for (int r = group_begin(G, rows); r < group_begin(G + 1, rows); ++r) f(r);
  };
  group(std::integral_constant<int, 0>{});
  group(std::integral_constant<int, 1>{});
  group(std::integral_constant<int, 2>{});
  group(std::integral_constant<int, 3>{});
}

/// Waits until all `blocks` that share two tickets, which are 0 before and after, have come, and sees what they wrote before.
__device__ inline void meet(unsigned* tickets, int blocks) {
  __syncthreads();
  if (threadIdx.x == 0) {
    __threadfence();
    atomicAdd(tickets, 1u);
    while (*static_cast<volatile unsigned*>(tickets) < static_cast<unsigned>(blocks)) {
#ifndef __CUDACC__
      cuda_on_host::look_again();
#endif
    }
    __threadfence();
    if (atomicAdd(tickets + 1, 1u) + 1 == static_cast<unsigned>(blocks)) tickets[0] = tickets[1] = 0;
  }
  __syncthreads();
}

/// Two sums, over the parts of a chunk, of what take(first, second, part) makes of each part's two numbers, into vectors 0 and 1.
template <class T, int V, class Take>
__device__ inline void add_up_parts(const MeetingRoom<T, V>& room, const MeetingCut& cut, const Pack<float, 2>* partial, Take take) {
  const int thread = static_cast<int>(threadIdx.x), count = room.threads / room.width, team = thread / room.width,
            k = thread - team * room.width;
  float first = 0, second = 0;
  if (team < count) {
    const float* at = reinterpret_cast<const float*>(partial + k);
#pragma unroll 4
    for (int part = team; part < cut.parts; part += count) {
      const float* from = at + int64_t{part} * room.width * 2;
      const Floats<2> taken = take(__ldcg(from), __ldcg(from + 1), part);
      first += taken.at[0];
      second += taken.at[1];
    }
    room.teams[thread] = first;
    room.teams[room.threads + thread] = second;
  }
  __syncthreads();
  if (thread < 2 * room.width) {  // the first `width` threads join the first sums, the next ones the second
    const int which = thread / room.width, channel = thread - which * room.width;
    float sum = 0;
    for (int t = 0; t < count; ++t) sum += room.teams[which * room.threads + t * room.width + channel];
    room.vectors[which * room.width + channel] = sum;
  }
  __syncthreads();
}

}  // namespace lineament
