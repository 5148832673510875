// Tiles of depthwise convolutions: how columns read, columns written and taps of one row belong together, known when
// compiled, so that a few columns stay in registers and every loop over them unrolls.
#pragma once
#include <type_traits>
#include <utility>

#include "kernels/cpu/simd/lanes.h"
#include "kernels/padding.h"

namespace lineament::LINEAMENT_LEVEL {

/// Registers of channels that a tile is deep: with 6 columns and 5 taps, the sums and the taps just fit.
inline constexpr int kDeep = kLanes == 16 ? 2 : 1;

/// y from x: the first column of a tile sees the columns 0 .. kTaps - 1 of what it reads. tap() says which tap joins
/// column `read` with column `written`, -1: none.
template <int kTaps, int kStride>
struct Gathered {
  static constexpr int kBefore = 0;
  static constexpr int reads(int tile) { return (tile - 1) * kStride + kTaps; }
  static constexpr int fresh(int tile) {
    return tile * kStride;
  }  // without those that the next tile reads too
  static constexpr int tap(int read, int written) {
    const int j = read - written * kStride;
    return j >= 0 && j < kTaps ? j : -1;
  }
};

/// dx from dy: tap kOdd joins the first column of a tile with column kBefore of what it reads.
template <int kTaps, int kStride, int kOdd>
struct Scattered {
  static constexpr int kBefore = (kTaps - 1 - kOdd) / kStride;
  static constexpr int reads(int tile) { return kBefore + (tile - 1 + kOdd) / kStride + 1; }
  static constexpr int fresh(int tile) { return (tile + kStride - 1) / kStride; }
  static constexpr int tap(int read, int written) {
    const int j = written + kOdd + (kBefore - read) * kStride;
    return j >= 0 && j < kTaps ? j : -1;
  }
};

/// Calls f(constant 0), f(constant 1) ... f(constant count - 1), all in line.
template <int count, class F>
[[gnu::always_inline]] inline void each(F&& f) {
  [&]<int... i>(std::integer_sequence<int, i...>) __attribute__((always_inline)) {
    (f(std::integral_constant<int, i>{}), ...);
  }
  (std::make_integer_sequence<int, count>{});
}

/// Calls f(constant size of a tile, first column) until `width` columns are covered.
template <class F>
[[gnu::always_inline]] inline void over_columns(int width, F&& f) {
  int first = 0;
  for (; first + 6 <= width; first += 6) f(std::integral_constant<int, 6>{}, first);
  for (; first + 3 <= width; first += 3) f(std::integral_constant<int, 3>{}, first);
  for (; first < width; ++first) f(std::integral_constant<int, 1>{}, first);
}

/// Calls f(constant taps of a row, constant stride) for the windows that tiles are written for.
template <class F>
void by_window(const Window& window, F&& f) {
  const auto by_stride = [&](auto taps) {
    if (window.stride == 1)
      f(taps, std::integral_constant<int, 1>{});
    else
      f(taps, std::integral_constant<int, 2>{});
  };
  if (window.kw == 3)
    by_stride(std::integral_constant<int, 3>{});
  else
    by_stride(std::integral_constant<int, 5>{});
}

/// Asks for the lines of `count` columns, so that they are in L1 when their turn comes. The walk over channel blocks
/// jumps from pixel to pixel, which the processor does not foresee: writing 144 channels of 24x24 pixels, 1.5 times
/// the speed.
template <bool kToWrite, class Block>
[[gnu::always_inline]] inline void fetch(const float* first, int count, int64_t c, const Block& block) {
  for (int column = 0; column < count; ++column)
    for (int v = 0; v < Block::kVectors; ++v)
      __builtin_prefetch(first + column * c + block.first + v * kLanes, kToWrite ? 1 : 0, 3);
}

}  // namespace lineament::LINEAMENT_LEVEL
