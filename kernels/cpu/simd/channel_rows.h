// A tensor as rows of channels: sums of each channel, and a function of each element, both at the pace of memory.
#pragma once
#include <array>

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/simd/partial_lanes.h"
#include "tensor/shape.h"

namespace lineament::LINEAMENT_LEVEL {

/// x as [rows, channels], cut into chunks of whole rows. At most 64 chunks: threads enough for a large
/// machine, and their sums are soon added up.
struct Rows {
  int64_t rows, channels, chunk_rows, chunks;

  explicit Rows(const Desc& x) {
    channels = x.shape[-1];
    rows = static_cast<int64_t>(x.elements()) / channels;
    chunk_rows = std::max((rows + 63) / 64, (kElementwiseGrain + channels - 1) / channels);
    chunks = (rows + chunk_rows - 1) / chunk_rows;
  }
  int64_t first(int64_t chunk) const { return chunk * chunk_rows; }
  int64_t rows_of(int64_t chunk) const { return std::min(chunk_rows, rows - first(chunk)); }
};

/// Two sums a channel from each chunk, floats [chunks, 2, channels],
/// and constants a channel, [constants, channels].
struct Scratch {
  float* data;
  int64_t channels, chunks;

  Scratch(void* workspace, const Rows& r)
      : data(static_cast<float*>(workspace)), channels(r.channels), chunks(r.chunks) {}
  float* first(int64_t chunk) const { return data + chunk * 2 * channels; }
  float* second(int64_t chunk) const { return first(chunk) + channels; }
  float* constant(int64_t k) const { return first(chunks) + k * channels; }

  static size_t bytes(const Rows& r, int64_t constants) {
    return sizeof(float) * static_cast<size_t>((2 * r.chunks + constants) * r.channels);
  }
};

/// Channels that a loop takes at a time, between calls for what the next ones need: the processor's own prefetching
/// rests while it computes, and costs half the bandwidth where an element takes an exponential.
inline constexpr int64_t kStrip = 64;

/// Tensors that a loop over elements reads.
template <size_t N>
using Reads = std::array<const float*, N>;

template <size_t N>
void fetch(const Reads<N>& reads, int64_t first, int64_t count) {
  for (const float* from : reads)
    for (int64_t i = 0; i < count; i += kLineFloats) __builtin_prefetch(from + first + i);
}

/// first[c] = sum of a(i, c), second[c] = sum of a(i, c) b(i, c) over rows [begin, begin + rows); i is the
/// element. Four rows at a time, so that the sums are loaded and stored a quarter as often.
template <size_t N, class A, class B>
void sum_rows(const Reads<N>& reads, int64_t begin, int64_t rows, int64_t channels, float* first,
              float* second, A a, B b) {
  std::fill_n(first, channels, 0.0f);
  std::fill_n(second, channels, 0.0f);
  int64_t r = begin;
  for (; r + 4 <= begin + rows; r += 4) {
    const int64_t i0 = r * channels, i1 = i0 + channels, i2 = i1 + channels, i3 = i2 + channels;
    for (int64_t strip = 0; strip < channels; strip += kStrip) {
      const int64_t end = std::min(channels, strip + kStrip);
      for (int row = 4; row < 8; ++row) fetch(reads, i0 + row * channels + strip, end - strip);
#pragma omp simd
      for (int64_t c = strip; c < end; ++c) {
        const float a0 = a(i0 + c, c), a1 = a(i1 + c, c), a2 = a(i2 + c, c), a3 = a(i3 + c, c);
        first[c] += (a0 + a1) + (a2 + a3);
        second[c] += (a0 * b(i0 + c, c) + a1 * b(i1 + c, c)) + (a2 * b(i2 + c, c) + a3 * b(i3 + c, c));
      }
    }
  }
  for (; r < begin + rows; ++r) {
#pragma omp simd
    for (int64_t c = 0; c < channels; ++c) {
      const float a0 = a(r * channels + c, c);
      first[c] += a0;
      second[c] += a0 * b(r * channels + c, c);
    }
  }
}

/// Whether `to` is to be stored past the caches: it is large, nobody has just read it, and its rows are whole lines.
template <size_t N>
bool streams(const Reads<N>& reads, const float* to, const Rows& shape) {
  return shape.rows * shape.channels * int64_t{sizeof(float)} >= kStreamBytes &&
         shape.channels % kLineFloats == 0 && reinterpret_cast<uintptr_t>(to) % 64 == 0 &&
         std::find(reads.begin(), reads.end(), to) == reads.end();
}

/// to[i] = f(i, c) for every element.
template <size_t N, class F>
void each_element(const Rows& shape, const Reads<N>& reads, float* to, F f) {
  constexpr int64_t kAhead = 1024;  // floats
  const bool past_caches = streams(reads, to, shape);
  parallel_chunks(shape.chunks, [&](int64_t chunk) {
    for (int64_t r = shape.first(chunk); r < shape.first(chunk) + shape.rows_of(chunk); ++r)
      for (int64_t strip = 0; strip < shape.channels; strip += kStrip) {
        const int64_t first = r * shape.channels + strip, count = std::min(kStrip, shape.channels - strip);
        fetch(reads, first + kAhead, count);
        if (past_caches) {
          alignas(64) float values[kStrip];
#pragma omp simd
          for (int64_t j = 0; j < count; ++j) values[j] = f(first + j, strip + j);
          for (int64_t j = 0; j < count; j += kLanes) stream_lanes(to + first + j, load_lanes(values + j));
        } else {
#pragma omp simd
          for (int64_t j = 0; j < count; ++j) to[first + j] = f(first + j, strip + j);
        }
      }
    if (past_caches) stream_fence();
  });
}

}  // namespace lineament::LINEAMENT_LEVEL
