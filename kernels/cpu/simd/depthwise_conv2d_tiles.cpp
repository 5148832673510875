// Depthwise convolution and its data gradient, tile by tile: the sums of a few columns of an output row stay in
// registers while the rows that they read pass by, each with its row of taps. Taps on padding cost nothing.
#include <algorithm>

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/simd/depthwise_tiles.h"
#include "kernels/cpu/simd/epilogue.h"
#include "kernels/cpu/simd/spatial.h"
#include "kernels/pixels.h"

namespace lineament::LINEAMENT_LEVEL {
namespace {

/// The rows that one row of the output reads, each with its row of taps; steps are in floats.
struct RowsRead {
  const float* read;  // column 0 of the first
  int64_t read_step;
  const float* taps;  // of the first
  int64_t taps_step;
  int count;
  int width;           // columns of each
  const float* ahead;  // column 0 of the row to fetch meanwhile
};

struct RowWritten {
  float* row;
  int width;
  int64_t first;  // the row's place in y
};

/// Sums in y, `columns` pixels of `channels` from element i and channel o on, finished where they stand: out of line,
/// so that training, which has none, keeps its registers.
[[gnu::noinline]] void finish_columns(const Epilogue& epilogue, float* y, int64_t i, int64_t c, int columns,
                                      int64_t o, int64_t channels) {
  for (int column = 0; column < columns; ++column, i += c)
    finish_row(epilogue, y + i, y, o, i, channels, false);
}

/// Columns [first, first + kTile) of a row: read column `left` is the tile's column 0 of Map.
template <int kTaps, class Map, int kTile, class Block>
[[gnu::always_inline]] inline void tile(const RowsRead& rows, int left, const Epilogue& epilogue,
                                        const RowWritten& y, int first, int64_t c, const Block& block) {
  constexpr int kV = Block::kVectors;
  float* out = y.row + first * c;
  fetch<false>(rows.ahead + left * c, Map::fresh(kTile), c, block);
  fetch<true>(out + y.width * c, kTile, c, block);
  Lanes sum[kTile][kV] = {};
  if (const float* bias = start_of(epilogue))
    for (int t = 0; t < kTile; ++t)
      for (int v = 0; v < kV; ++v) sum[t][v] = block.load(bias, v);
  const float *first_read = rows.read + left * c, *taps = rows.taps;
  for (int row = 0; row < rows.count; ++row, first_read += rows.read_step, taps += rows.taps_step) {
    Lanes tap[kTaps][kV];
    each<kTaps * kV>([&](auto k) __attribute__((always_inline)) {
      tap[k / kV][k % kV] = block.load(taps + k / kV * c, k % kV);
    });
    const float* read = first_read;
    each<Map::reads(kTile)>([&](auto q) __attribute__((always_inline)) {
      const float* at = read;
      read += c;
      if (static_cast<unsigned>(left + q) >= static_cast<unsigned>(rows.width)) return;
      each<kV>([&](auto v) __attribute__((always_inline)) {
        const Lanes pixel = block.load(at, v);
        each<kTile>([&](auto t) __attribute__((always_inline)) {
          constexpr int j = Map::tap(q, t);
          if constexpr (j >= 0) sum[t][v] += pixel * tap[j][v];
        });
      });
    });
  }
  each<kTile * kV>([&](auto k) __attribute__((always_inline)) {
    block.store(out + k / kV * c, k % kV, sum[k / kV][k % kV]);
  });
  if (epilogue.changes_sum())
    finish_columns(epilogue, y.row - y.first, y.first + first * c + block.first, c, kTile, block.first,
                   (kV - 1) * kLanes + block.count);
}

/// Calls f(n, row) for every row of every picture, on all threads; whole pictures to a chunk where there are many.
template <class F>
void for_rows(const Pixels<float>& p, F&& f) {
  const int64_t chunk = p.n >= 16 ? p.h : std::max(1, p.h / 4);
  parallel_ranges(int64_t{p.n} * p.h, chunk, [&](int64_t first, int64_t last) {
    for (int64_t row = first; row < last; ++row) f(static_cast<int>(row / p.h), static_cast<int>(row % p.h));
  });
}

}  // namespace

bool depthwise_conv2d_tiles_supports(std::span<const Desc>, const Params& params) {
  const auto& f = params.as<Window>();
  return f.kh == f.kw && (f.kw == 3 || f.kw == 5) && f.stride <= 2;
}

void depthwise_conv2d_tiles(const Call& call) {
  const auto& f = call.params.as<Window>();
  const auto x = pixels<float>(call.in[0]), y = pixels<float>(call.out[0]);
  const float* w = call.in[1].as<float>();
  const Epilogue epilogue = finish_of<float>(call);
  const int64_t c = x.c;
  by_window(f, [&](auto taps, auto stride) {
    for_rows(y, [&](int n, int oh) {
      const int top = oh * f.stride - f.top;
      const auto [i0, i1] = taps_inside(top, f.kh, f.h);
      const RowsRead rows = {.read = x.at(n, top + i0, 0),
                             .read_step = x.w * c,
                             .taps = w + i0 * f.kw * c,
                             .taps_step = f.kw * c,
                             .count = i1 - i0,
                             .width = x.w,
                             .ahead = x.at(n, top + f.kh, 0)};
      const RowWritten written = {y.at(n, oh, 0), y.w, y.at(n, oh, 0) - y.data};
      over_channels<kDeep>(c, [&](const auto& block) {
        over_columns(
            y.w, [&](auto size, int ow) __attribute__((always_inline)) {
              using Map = Gathered<taps.value, stride.value>;
              tile<taps.value, Map, size.value>(rows, ow * f.stride - f.left, epilogue, written, ow, c,
                                                block);
            });
      });
    });
  });
}

void depthwise_conv2d_dx_tiles(const Call& call) {
  const auto& f = call.params.as<Window>();
  const auto dy = pixels<float>(call.in[0]), dx = pixels<float>(call.out[0]);
  const float* w = call.in[1].as<float>();
  const int64_t c = dx.c;
  by_window(f, [&](auto taps, auto stride) {
    constexpr int kTaps = taps.value, kStride = stride.value;
    for_rows(dx, [&](int n, int h) {
      const auto [oh0, oh1] = positions_over(h, f.top, f.kh, f.stride, f.oh);
      const RowsRead rows = {.read = dy.at(n, oh0, 0),
                             .read_step = dy.w * c,
                             .taps = w + (h + f.top - oh0 * f.stride) * f.kw * c,
                             .taps_step = -f.stride * f.kw * c,
                             .count = oh1 - oh0,
                             .width = dy.w,
                             .ahead = dy.at(n, oh1, 0)};
      const RowWritten written = {dx.at(n, h, 0), dx.w, 0};
      over_channels<kDeep>(c, [&](const auto& block) {
        over_columns(
            dx.w, [&](auto size, int v) __attribute__((always_inline)) {
              const auto run = [&](auto odd) __attribute__((always_inline)) {
                using Map = Scattered<kTaps, kStride, odd.value>;
                const int left = (v + f.left) / kStride - Map::kBefore;
                tile<kTaps, Map, size.value>(rows, left, {}, written, v, c, block);
              };
              if ((v + f.left) % kStride == 0)
                run(std::integral_constant<int, 0>{});
              else
                run(std::integral_constant<int, kStride - 1>{});
            });
      });
    });
  });
}

}  // namespace lineament::LINEAMENT_LEVEL
