// Which lines (rows or columns) of a picture upsample blends, and which its gradient gathers.
#pragma once
#include <algorithm>

namespace lineament {

/// Output lines 2k and 2k + 1 lie a quarter of a line before and after line k: each is 3/4 of that line, `near`, and 1/4 of
/// the neighbour on its side, `far`. Lines at an edge are their own neighbours.
struct Between {
  int near, far;
};
constexpr Between lines_between(int line, int size) {
  const int near = line / 2;
  return {near, line % 2 == 0 ? std::max(near - 1, 0) : std::min(near + 1, size - 1)};
}

inline constexpr float kNearShare = 0.75f, kFarShare = 0.25f;

/// The four output lines that read line `k` of `size`: 1/4, 3/4, 3/4 and 1/4 of it. At an edge the outermost one stands
/// twice, as it reads line k as near and as far.
struct Readers {
  int line[4];
};
constexpr Readers readers_of(int k, int size) {
  return {{std::max(2 * k - 1, 0), 2 * k, 2 * k + 1, std::min(2 * k + 2, 2 * size - 1)}};
}
constexpr float share_of_reader(int i) { return i == 1 || i == 2 ? kNearShare : kFarShare; }

}  // namespace lineament
