// Sums over pixels go through a fixed number of parts, added in order:
// the same bits on any number of threads.
#pragma once
#include <algorithm>

#include "kernels/cpu/parallel.h"

namespace lineament {

inline constexpr int64_t kParts = 16;

/// Part `part` of [0, total): where it begins; part + 1 tells where it ends.
static inline int64_t part_begin(int64_t total, int64_t part, int64_t parts = kParts) {
  return total * part / parts;
}

/// out[i] = start[i mod width] + parts[0][i] + parts[1][i] + ...; no start: null.
static inline void add_parts(const float* parts, int64_t count, float* out, int64_t part_count = kParts,
                      const float* start = nullptr, int64_t width = 1) {
  parallel_ranges(count, 4096, [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) out[i] = start ? start[i % width] : 0.0f;
    for (int64_t part = 0; part < part_count; ++part)
      for (int64_t i = begin; i < end; ++i) out[i] += parts[part * count + i];
  });
}

}  // namespace lineament
