// y[q] = bias + sum over the taps t of row q, and c, of x[at(q) + offset[t] + c] B[t][c]: a convolution, or its data
// gradient, as one product whose rows are read where they lie. Taps that land in padding are left out.
#pragma once
#include "kernels/cpu/simd/epilogue.h"
#include "kernels/cpu/simd/panels.h"

namespace lineament::LINEAMENT_LEVEL {

/// A row has one bit for each tap.
inline constexpr int kMostTaps = 64;
/// Rows of k that one pass over a chunk takes: 24 or 32 KB of a panel, which stay in L1, and the chunk's rows in L2.
inline constexpr int64_t kBlockK = kLanes == 16 ? 128 : 256;
/// The same where one pass is the last: sums that go to memory past the caches cannot be added to.
inline constexpr int64_t kMostBlockK = 512;
/// What a tap in padding reads when its neighbours in the tile do not.
alignas(64) inline constexpr float kZeroTaps[kMostBlockK] = {};

/// A row of y: where its tap 0 would read x, which taps it has, where it goes.
struct TapRow {
  int64_t x;
  uint64_t taps;
  int64_t y;
};

struct TapSums {
  const float* x;
  float* y;
  int64_t channels;  // of x, under one tap
  int taps;
  const int64_t* offsets;  // [taps], into x
  Panels panels;           // of the columns of y
  const float* b;          // [taps channels, n], packed; or as it lies, its registers whole
  int64_t b_stride = 0;    // floats from one row to the next as it lies; 0: packed
  Epilogue epilogue = {};
  bool stream = false;  // y past the caches

  int64_t k() const { return taps * channels; }
  const float* panel(int64_t p) const { return b + (b_stride ? panels.first(p) : panels.offset(p, k())); }
  int64_t panel_stride(int64_t p) const { return b_stride ? b_stride : panels.stride(p); }
};

/// The part of k that one pass takes: whole taps when they are small, else channels of one.
struct TapBlock {
  int first_tap, last_tap;
  int64_t channel, channels;
  bool first, last;  // pass
};

/// The rows of a tile as pointers.
template <int kRows>
struct TileRows {
  const float* x[kRows];
  float* y[kRows];
  uint64_t any = 0, all = ~uint64_t{0};  // taps that some row has, that every row has

  void point(const TapSums& s, std::span<const TapRow> rows, int64_t channel, int64_t column) {
    for (size_t r = 0; r < rows.size(); ++r) {
      x[r] = s.x + rows[r].x + channel;
      y[r] = s.y + rows[r].y + column;
      any |= rows[r].taps;
      all &= rows[r].taps;
    }
  }
};

/// Rows so few that B, read once or twice for them, comes from memory all the time.
inline constexpr size_t kFewRows = 4 * kMostTileRows;

/// One pass over the rows of a chunk, for one panel of columns.
template <int V>
void add_taps(const TapSums& s, std::span<const TapRow> rows, const TapBlock& block, int64_t panel,
              bool first_read) {
  constexpr int kRows = tile_rows(V);
  const int64_t column = s.panels.first(panel), columns = s.panels.columns(panel);
  const int64_t b_stride = s.panel_stride(panel);
  const float* b = s.panel(panel) + block.channel * b_stride;
  const float* start = start_of(s.epilogue) ? start_of(s.epilogue) + column : nullptr;
  // Sums of one pass that are not yet y wait in L1; those of several stand in y, and are finished there.
  const bool finish = block.last && s.epilogue.changes_sum(), apart = finish && block.first;
  alignas(64) float sums[kRows * V * kLanes];
  float* sum_rows[kRows];
  for (int r = 0; r < kRows; ++r) sum_rows[r] = sums + r * V * kLanes;
  const float* mixed[kMostTaps][kRows];
  TileTerm terms[kMostTaps];
  for (size_t first = 0; first < rows.size(); first += kRows) {
    const auto here = rows.subspan(first, std::min<size_t>(kRows, rows.size() - first));
    TileRows<kRows> tile, next;
    tile.point(s, here, block.channel, column);
    const bool more = first + 2 * kRows <= rows.size();
    if (more) {  // what the next tile writes, and reads when nobody read it before, comes meanwhile
      next.point(s, rows.subspan(first + kRows, kRows), block.channel, column);
      if (!s.stream)
        for (int r = 0; r < kRows; ++r)
          for (int v = 0; v < V; ++v) __builtin_prefetch(next.y[r] + v * kLanes, 1);
      if (s.epilogue.residual)
        for (int r = 0; r < kRows; ++r)
          for (int v = 0; v < V; ++v)
            __builtin_prefetch(s.epilogue.residual + (next.y[r] - s.y) + v * kLanes);
    }
    size_t used = 0;
    for (int t = block.first_tap; t < block.last_tap; ++t) {
      if (!(tile.any >> t & 1)) continue;
      TileTerm& term = terms[used] = {tile.x, s.offsets[t], b + t * s.channels * b_stride, block.channels};
      if (more && first_read && s.taps == 1) term.next = next.x;
      if (!(tile.all >> t & 1)) {
        for (size_t r = 0; r < here.size(); ++r)
          mixed[used][r] = here[r].taps >> t & 1 ? tile.x[r] + term.offset : kZeroTaps;
        term = {mixed[used], 0, term.b, term.k};
      }
      ++used;
    }
    if (used || block.first) {
      const int height = static_cast<int>(here.size());
      const TileOut out{apart ? sum_rows : tile.y, columns, !block.first, s.stream && !apart, start};
      const bool far = s.b_stride > 4 * kLineFloats || rows.size() <= kFewRows;
      if (far && first == 0)  // B comes from memory, and no tile has read it yet
        tile_of<V, true>(height, {terms, used}, 1, b_stride, out);
      else
        tile_of<V>(height, {terms, used}, 1, b_stride, out);
    }
    if (finish)
      for (size_t r = 0; r < here.size(); ++r)
        finish_row(s.epilogue, apart ? sum_rows[r] : tile.y[r], s.y, column, tile.y[r] - s.y, columns,
                   s.stream);
  }
}

/// The rows of one chunk, panels [first_panel, last_panel) of their columns.
inline void sum_taps(const TapSums& s, std::span<const TapRow> rows, int64_t first_panel,
                     int64_t last_panel) {
  const bool few = rows.size() <= kFewRows;
  const int64_t most = s.stream || few ? kMostBlockK : kBlockK;
  const int64_t slices = (s.channels + most - 1) / most;  // of channels
  const int step = static_cast<int>(std::max<int64_t>(1, most / s.channels));
  const auto each_block = [&](auto&& f) {
    for (int tap = 0; tap < s.taps; tap += step)
      for (int64_t slice = 0; slice < slices; ++slice) {
        const int64_t from = s.channels * slice / slices, to = s.channels * (slice + 1) / slices;
        const int last_tap = std::min(s.taps, tap + step);
        f(TapBlock{tap, last_tap, from, to - from, !tap && !slice, last_tap == s.taps && slice + 1 == slices});
      }
  };
  const auto add = [&](const TapBlock& block, int64_t panel) {
    with_vectors(s.panels.vectors(panel),
                 [&]<int V>() { add_taps<V>(s, rows, block, panel, panel == first_panel); });
  };
  if (few)  // a panel from its first line to its last
    for (int64_t panel = first_panel; panel < last_panel; ++panel)
      each_block([&](const TapBlock& block) { add(block, panel); });
  else
    each_block([&](const TapBlock& block) {
      for (int64_t panel = first_panel; panel < last_panel; ++panel) add(block, panel);
    });
  if (s.stream) stream_fence();
}

/// Whether y of `bytes` goes past the caches: it is large, a sum is one pass, and panels are whole lines.
inline bool streams(const TapSums& s, int64_t bytes) {
  return bytes >= kStreamBytes && s.k() <= kMostBlockK && s.panels.n % kLineFloats == 0 &&
         reinterpret_cast<uintptr_t>(s.y) % 64 == 0;
}

}  // namespace lineament::LINEAMENT_LEVEL
