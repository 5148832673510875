// The rows of tap sums cut into chunks for all threads, in an order that gives the rows of a tile the same taps.
#pragma once
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/simd/tap_sums.h"
#include "kernels/padding.h"

namespace lineament::LINEAMENT_LEVEL {

/// y as pictures of positions. Row (picture, position) is row_at(position), moved on by whole pictures.
struct TapPictures {
  int64_t pictures, positions;
  int64_t x_picture, y_picture;  // floats of one
};

/// A chunk is `group` pictures by `run` positions, by `panels` panels of columns.
struct TapCut {
  int64_t group, run, panels;

  static constexpr int64_t kRows = 288;   // of a chunk: enough to read a panel of B for, few enough for L2
  static constexpr int64_t kGroup = 24;   // whole tiles of any height
  static constexpr int64_t kChunks = 32;  // wanted at least, for threads to share evenly

  TapCut(const TapSums& s, const TapPictures& p) {
    int64_t rows = kRows;
    while (rows > kGroup && (p.pictures * p.positions / rows) * s.panels.count() < kChunks / 2) rows /= 2;
    // Pictures that are mostly border gain from tiles of one position; in large ones that only costs locality.
    const bool by_position = s.taps > 1 && p.positions < kLargePicture;
    group = std::min(p.pictures, by_position ? kGroup : std::max<int64_t>(1, rows / p.positions));
    run = even(p.positions, std::max<int64_t>(1, rows / group));
    const int64_t row_chunks = chunks_of(p.pictures, group) * chunks_of(p.positions, run);
    panels = even(s.panels.count(), std::max<int64_t>(1, s.panels.count() * row_chunks / kChunks));
  }

  static int64_t chunks_of(int64_t total, int64_t size) { return (total + size - 1) / size; }

 private:
  static constexpr int64_t kLargePicture = 24 * 24;
  /// The largest size below `most` that cuts `total` evenly.
  static int64_t even(int64_t total, int64_t most) { return chunks_of(total, chunks_of(total, most)); }
};

/// Taps [first, last) as bits.
inline uint64_t bits(const Range& taps) {
  return taps.first < taps.last ? (uint64_t{2} << (taps.last - 1)) - (uint64_t{1} << taps.first) : 0;
}

/// Multiplications that one thread does before others are awake.
inline constexpr int64_t kFewProducts = 256 * 1024;

/// y whole. row_at(position) is the row of picture 0; a row of each further picture lies one picture on.
template <class RowAt>
void sum_pictures(TapSums s, const TapPictures& p, RowAt&& row_at) {
  s.stream = streams(s, p.pictures * p.positions * s.panels.n * int64_t{sizeof(float)});
  const TapCut cut(s, p);
  const int64_t runs = cut.chunks_of(p.positions, cut.run),
                slices = cut.chunks_of(s.panels.count(), cut.panels);
  parallel_chunks(
      cut.chunks_of(p.pictures, cut.group) * runs * slices,
      [&](int64_t chunk) {
        const int64_t slice = chunk % slices, run = chunk / slices % runs, group = chunk / slices / runs;
        const int64_t last_picture = std::min(p.pictures, (group + 1) * cut.group);
        const int64_t last_position = std::min(p.positions, (run + 1) * cut.run);
        TapRow rows[TapCut::kRows];
        size_t count = 0;
        for (int64_t position = run * cut.run; position < last_position; ++position) {
          const TapRow row = row_at(position);
          for (int64_t n = group * cut.group; n < last_picture; ++n)
            rows[count++] = {row.x + n * p.x_picture, row.taps, row.y + n * p.y_picture};
        }
        sum_taps(s, {rows, count}, slice * cut.panels, std::min(s.panels.count(), (slice + 1) * cut.panels));
      },
      p.pictures * p.positions * s.k() * s.panels.n > kFewProducts);
}

}  // namespace lineament::LINEAMENT_LEVEL
