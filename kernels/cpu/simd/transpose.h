// A square of kLanes x kLanes floats turned over: log2(kLanes) rounds that exchange ever larger halves.
#pragma once
#include <algorithm>

#include "kernels/cpu/simd/partial_lanes.h"

namespace lineament::LINEAMENT_LEVEL {

struct Rows {
  const float* data;
  int64_t stride;
};

/// Exchanges, in each pair of rows `half` apart, the upper half of every run of 2 half floats of the one with the
/// lower half of the other.
template <int half>
inline void exchange(Lanes (&rows)[kLanes]) {
  IntLanes low, high;
  for (int i = 0; i < kLanes; ++i) {
    low[i] = i & half ? kLanes + i - half : i;
    high[i] = i & half ? kLanes + i : i + half;
  }
#pragma GCC unroll 16
  for (int r = 0; r < kLanes; ++r)
    if (!(r & half)) {
      const Lanes a = rows[r], b = rows[r + half];
      rows[r] = shuffled(a, b, low);
      rows[r + half] = shuffled(a, b, high);
    }
}

/// to(j, i) = from(i, j) for i < rows, j < columns (at most kLanes each); the other floats of the `columns` registers
/// written, and only those, become zeros.
inline void transpose(const Rows& from, int64_t rows, int64_t columns, float* to, int64_t to_stride) {
  Lanes square[kLanes];
#pragma GCC unroll 16
  for (int r = 0; r < kLanes; ++r)
    square[r] = r < rows ? (columns == kLanes ? load_lanes(from.data + r * from.stride)
                                              : load_first(from.data + r * from.stride, columns))
                         : Lanes{};
  if constexpr (kLanes >= 16) exchange<8>(square);
  if constexpr (kLanes >= 8) exchange<4>(square);
  exchange<2>(square);
  exchange<1>(square);
#pragma GCC unroll 16
  for (int r = 0; r < kLanes; ++r)
    if (r < columns) store_lanes(to + r * to_stride, square[r]);
}

}  // namespace lineament::LINEAMENT_LEVEL
