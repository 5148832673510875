// dw[i,j,c,o] = sum over pixels of x[pixel + (i,j), c] dy[pixel, o]: for each tap the runs of pixels that meet, none of
// them padding, and a tile of sums that stays in registers while they pass by.
#include <algorithm>

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/partial_sums.h"
#include "kernels/cpu/simd/partial_lanes.h"
#include "kernels/cpu/simd/spatial.h"
#include "kernels/pixels.h"

namespace lineament::LINEAMENT_LEVEL {
namespace {

// 8 x 3 sums, 3 of dy and one of x fit AVX-512's 32 registers, 4 x 3 AVX2's 16.
constexpr int kTileRows = kLanes == 16 ? 8 : 4, kTileWidth = 3;
constexpr int64_t kBlockPixels = 224;  // of dy: a panel of them stays in L1
constexpr int64_t kBlockFilter =
    (kLanes == 16 ? 128 : 64) * 1024;  // floats of dw that one chunk sums: with both blocks they stay in L2
constexpr int64_t kChunks = 8;  // wanted: each part more is a copy of dw to write and add up

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// From one panel to the next: an odd number of lines, so that a pixel's places in all panels share no set of L1.
int64_t apart(int64_t floats) { return (ceil_div(floats, 16) | 1) * 16; }

/// Pixels that meet under a tap: the first one's offsets of floats into a panel of x and into one of dy, and how many follow
/// each other at equal distances.
struct Run {
  int32_t x, dy, pixels;
};

/// Pictures [n0, n1), rows [oh0, oh1) of dy: the part of the sum that is packed at once.
struct Band {
  int n0, n1, oh0, oh1;
};

/// Panels of a block of dy, about as wide as each other: kTileWidth registers or fewer. A pixel takes as much of
/// every panel as of the widest.
struct Panels {
  int64_t vectors, count, pixel;

  explicit Panels(int64_t block)
      : vectors(ceil_div(block, kLanes)),
        count(ceil_div(vectors, kTileWidth)),
        pixel(ceil_div(vectors, count) * kLanes) {}
  int64_t begin(int64_t panel) const { return part_begin(vectors, panel, count) * kLanes; }
};

/// The work cut in pieces: the same for any number of threads.
struct Problem {
  Window f;
  int n;
  int64_t c, o;  // of x and dy
  /// Few channels: the columns of the filter count as channels, since one row of taps lies side by side in memory.
  /// Otherwise x goes into panels of `rows` channels.
  bool folded;
  bool sampled;  // 1x1 with a stride: only pixels that are read are packed
  int taps_h, taps_w;
  int64_t channels;          // per tap: c, or kw c when folded
  int rows;                  // of dw in one tile
  int64_t c_block, o_block;  // of dw in one chunk
  int64_t c_blocks, o_blocks;
  int bands_high, band_pictures;  // bands in a picture; or pictures in a band
  int64_t bands, parts;

  Problem(const Window& window, const Shape& x, const Shape& dy)
      : f(window), n(static_cast<int>(x[0])), c(x[3]), o(dy[3]) {
    folded = c < kTileRows && f.kw > 1;
    sampled = f.taps() == 1 && f.stride > 1 && f.top == 0 && f.left == 0;
    taps_h = f.kh;
    taps_w = folded ? 1 : f.kw;
    channels = folded ? f.kw * c : c;
    rows = static_cast<int>(ceil_div(channels, ceil_div(channels, kTileRows)));
    int64_t taps = int64_t{taps_h} * taps_w, widest = kBlockFilter / taps / 64;
    o_block = std::clamp<int64_t>(
        o, 1, std::max<int64_t>(kTileWidth * kLanes, std::min<int64_t>(kLanes * 32, widest)));
    o_block = ceil_div(ceil_div(o, ceil_div(o, o_block)), kLanes) * kLanes;
    c_block = std::clamp<int64_t>(kBlockFilter / taps / o_block, rows, std::max<int64_t>(rows, channels));
    c_block = ceil_div(ceil_div(channels, ceil_div(channels, c_block)), rows) * rows;
    c_blocks = ceil_div(channels, c_block);
    o_blocks = ceil_div(o, o_block);
    int64_t positions = int64_t{f.oh} * f.ow;
    bands_high = static_cast<int>(std::clamp<int64_t>(ceil_div(positions, kBlockPixels), 1, f.oh));
    band_pictures = static_cast<int>(std::clamp<int64_t>(kBlockPixels / positions, 1, n));
    bands = bands_high > 1 ? int64_t{n} * bands_high : ceil_div(n, band_pictures);
    parts = std::clamp<int64_t>(kChunks / (c_blocks * o_blocks), 1, bands);
  }

  Band band(int64_t index) const {
    if (bands_high > 1) {
      int picture = static_cast<int>(index / bands_high), piece = static_cast<int>(index % bands_high);
      return {picture, picture + 1, piece * f.oh / bands_high, (piece + 1) * f.oh / bands_high};
    }
    int first = static_cast<int>(index) * band_pictures;
    return {first, std::min(n, first + band_pictures), 0, f.oh};
  }
  /// Too few rows of dw to pay for packing.
  bool dy_in_place() const { return o % kLanes == 0 && taps_h * taps_w * channels <= 32; }
  int step() const { return sampled ? 1 : f.stride; }
  /// The rows of x that a band reads.
  Range x_rows(const Band& band) const {
    if (sampled) return {band.oh0, band.oh1};
    return {std::clamp(band.oh0 * f.stride - f.top, 0, f.h),
            std::clamp((band.oh1 - 1) * f.stride - f.top + f.kh, 0, f.h)};
  }
  /// Pixels in a packed row of x.
  int64_t x_width() const { return sampled ? f.ow : folded ? (f.ow - 1) * f.stride + f.kw : f.w; }

  int64_t most_rows() const { return ceil_div(f.oh, bands_high); }
  int64_t dy_floats() const {
    const Panels panels(o_block);
    return panels.count * apart(meetings() * panels.pixel);
  }
  int64_t x_floats() const {
    int64_t high = sampled ? most_rows() : std::min<int64_t>(f.h, (most_rows() - 1) * f.stride + f.kh);
    const int64_t pixels = band_pictures * high * x_width();
    return folded ? pixels * c + kTileRows : ceil_div(c_block, rows) * apart(pixels * rows);
  }
  int64_t meetings() const { return band_pictures * most_rows() * f.ow; }
  /// Room for the runs of a band, one for each of its rows.
  int64_t run_floats() const { return band_pictures * most_rows() * static_cast<int64_t>(sizeof(Run) / sizeof(float)); }
  int64_t thread_floats() const { return ceil_div(dy_floats() + x_floats() + run_floats(), 16) * 16; }
  int64_t filter() const { return taps_h * taps_w * channels * o; }
};

template <int R>
void pack_x_panels(const float* x, int64_t x_pixel, int64_t pixels, int64_t channels, float* panels,
                   int64_t panel_stride) {
  for (int64_t pixel = 0; pixel < pixels; ++pixel, x += x_pixel, panels += R) {
    int64_t c = 0;
    float* to = panels;
    for (; c + R <= channels; c += R, to += panel_stride) std::memcpy(to, x + c, R * sizeof(float));
    for (int r = 0; c < channels && r < R; ++r) to[r] = c + r < channels ? x[c + r] : 0.0f;
  }
}
using PackX = decltype(&pack_x_panels<1>);

/// Pixels in the order they lie in memory, each strewn over the panels of `outs` channels.
void pack_dy_panels(const float* dy, int64_t dy_pixel, int64_t pixels, int64_t outs, const Panels& panels,
                    float* packed) {
  const int64_t panel_floats = apart(pixels * panels.pixel), last = outs - (panels.vectors - 1) * kLanes;
  for (int64_t pixel = 0; pixel < pixels; ++pixel, dy += dy_pixel, packed += panels.pixel) {
    float* to = packed;
    for (int64_t panel = 0, vector = 0; panel < panels.count; ++panel, to += panel_floats)
      for (int64_t first = vector; vector < panels.begin(panel + 1) / kLanes; ++vector) {
        const float* from = dy + vector * kLanes;
        store_lanes(to + (vector - first) * kLanes,
                    vector < panels.vectors - 1 ? load_lanes(from) : load_first(from, last));
      }
  }
}

/// Where a tile's sums go: `rows` x `columns` of them are wanted.
struct Target {
  float* dw;
  int64_t stride, rows, columns;
  bool add;  // onto what stands there
};

/// What a tile has fetched into L2 while it sums, a line a pixel: the next band waits for no memory.
struct Ahead {
  const float* from;
  int64_t stride;
};

/// The runs of a tap, and how many floats lie from one of their pixels to the next.
struct Meetings {
  const Run *first, *end;
  int64_t x_step, dy_step;
};

template <int R, int V>
void tile(const float* x, const float* dy, const Meetings& meetings, const Target& target, Ahead ahead) {
  Lanes sum[R][V];
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) sum[r][v] = Lanes{};

  for (const Run* run = meetings.first; run < meetings.end; ++run) {
    const float *left = x + run->x, *from = dy + run->dy;
    for (int32_t pixel = 0; pixel < run->pixels;
         ++pixel, left += meetings.x_step, from += meetings.dy_step, ahead.from += ahead.stride) {
      __builtin_prefetch(ahead.from, 0, 2);
      Lanes right[V];
#pragma GCC unroll 8
      for (int v = 0; v < V; ++v) right[v] = load_lanes(from + v * kLanes);
#pragma GCC unroll 8
      for (int r = 0; r < R; ++r) {
        const Lanes value = broadcast(left[r]);
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) sum[r][v] += value * right[v];
      }
    }
  }

  const bool whole = target.columns >= V * kLanes;
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) {
    if (r >= target.rows) return;
    float* row = target.dw + r * target.stride;
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v, row += kLanes)
      if (v < V - 1 || whole) {
        store_lanes(row, target.add ? load_lanes(row) + sum[r][v] : sum[r][v]);
      } else {
        const int64_t last = target.columns - (V - 1) * kLanes;
        store_first(row, last, target.add ? load_first(row, last) + sum[r][v] : sum[r][v]);
      }
  }
}
using Tile = decltype(&tile<1, 1>);

// clang-format off
#define LINEAMENT_BY_ROWS(F) F(1), F(2), F(3), F(4), F(5), F(6), F(7), F(8)
#define LINEAMENT_TILES(R) {tile<R, 1>, tile<R, 2>, tile<R, 3>}
#define LINEAMENT_PACK(R) pack_x_panels<R>
// clang-format on
constexpr Tile kTiles[][kTileWidth] = {LINEAMENT_BY_ROWS(LINEAMENT_TILES)};
constexpr PackX kPackX[] = {LINEAMENT_BY_ROWS(LINEAMENT_PACK)};

/// One chunk's block of x and of dy, packed.
struct Blocks {
  const Problem& p;
  Pixels<float> x, dy;
  float *packed_x, *packed_dy;
  Run* runs;
  Panels panels;
  const float* read_dy = nullptr;
  int64_t x_panel = 0, dy_panel = 0, dy_pixel = 0;

  Blocks(const Problem& problem, const Call& call, int64_t outs, float* scratch)
      : p(problem),
        x(pixels<float>(call.in[0])),
        dy(pixels<float>(call.in[1])),
        packed_x(scratch + p.dy_floats()),
        packed_dy(scratch),
        runs(reinterpret_cast<Run*>(packed_x + p.x_floats())),
        panels(outs) {}

  int64_t x_pixel() const { return p.folded ? p.c : p.rows; }

  void pack_x(const Band& band, int64_t c0, int64_t channels) {
    Range rows = p.x_rows(band);
    int64_t height = rows.last - rows.first, width = p.x_width();
    x_panel = p.folded ? p.rows : apart((band.n1 - band.n0) * height * width * p.rows);
    float* to = packed_x;
    for (int n = band.n0; n < band.n1; ++n) {
      if (p.folded) {
        int64_t inside = std::min<int64_t>(p.f.w, width - p.f.left);
        for (int h = rows.first; h < rows.last; ++h, to += width * p.c) {
          std::fill_n(to, p.f.left * p.c, 0.0f);
          std::copy_n(x.at(n, h, 0), inside * p.c, to + p.f.left * p.c);
          std::fill(to + (p.f.left + inside) * p.c, to + width * p.c, 0.0f);
        }
      } else if (p.sampled) {
        for (int h = rows.first; h < rows.last; ++h, to += width * p.rows)
          kPackX[p.rows - 1](x.at(n, h * p.f.stride, 0) + c0, p.f.stride * p.c, width, channels, to, x_panel);
      } else {
        kPackX[p.rows - 1](x.at(n, rows.first, 0) + c0, p.c, height * width, channels, to, x_panel);
        to += height * width * p.rows;
      }
    }
    if (p.folded) std::fill_n(to, kTileRows, 0.0f);
  }

  void pack_dy(const Band& band, int64_t o0, int64_t outs) {
    const float* first = dy.at(band.n0, band.oh0, 0) + o0;
    int64_t pixels = int64_t{band.n1 - band.n0} * (band.oh1 - band.oh0) * p.f.ow;
    if (p.dy_in_place()) {
      read_dy = first;
      dy_pixel = p.o;
      return;
    }
    read_dy = packed_dy;
    dy_pixel = panels.pixel;
    dy_panel = apart(pixels * panels.pixel);
    pack_dy_panels(first, p.o, pixels, outs, panels, packed_dy);
  }
  const float* x_at(int64_t c0, int64_t c) const {
    return packed_x + (p.folded ? c0 + c : c / p.rows * x_panel);
  }
  const float* dy_at(int64_t panel) const {
    return read_dy + (p.dy_in_place() ? panels.begin(panel) : panel * dy_panel);
  }

  /// The pixels that meet under tap (i, j).
  Meetings meet(const Band& band, int i, int j) {
    Range rows = p.x_rows(band);
    int step = p.step(), width = static_cast<int>(p.x_width()), height = rows.last - rows.first;
    int oh0 = band.oh0, oh1 = band.oh1, ow0 = 0, ow1 = p.f.ow, left = 0;
    auto inside = [step](int& first, int& last, int shift, int size) {  // 0 <= at step + shift < size
      first = std::max(first, shift >= 0 ? 0 : (step - 1 - shift) / step);
      last = std::min(last, size <= shift ? 0 : (size - shift + step - 1) / step);
    };
    int top = p.sampled ? 0 : p.f.top;
    if (!p.sampled) inside(oh0, oh1, i - top, p.f.h);
    if (!p.sampled && !p.folded) {
      left = p.f.left;
      inside(ow0, ow1, j - left, p.f.w);
    }
    const int64_t x_step = step * x_pixel();
    Run* to = runs;
    for (int n = 0; n < band.n1 - band.n0; ++n)
      for (int oh = oh0; oh < oh1; ++oh) {
        int64_t x_row = (int64_t{n} * height + oh * step + i - top - rows.first) * width;
        int64_t dy_row = (int64_t{n} * (band.oh1 - band.oh0) + oh - band.oh0) * p.f.ow;
        const Run run{static_cast<int32_t>((x_row + ow0 * step + j - left) * x_pixel()),
                      static_cast<int32_t>((dy_row + ow0) * dy_pixel), ow1 - ow0};
        if (Run* last = to - 1; to > runs && last->x + last->pixels * x_step == run.x && last->dy + last->pixels * dy_pixel == run.dy)
          last->pixels += run.pixels;
        else if (run.pixels > 0)
          *to++ = run;
      }
    return {runs, to, x_step, dy_pixel};
  }
};

/// Deals the lines of the next band out to the tiles of this one, in the order they lie in memory: where pixels are
/// packed whole. (Wider ones take the tiles long enough.)
struct Fetch {
  const float *x, *dy;
  int64_t lines, x_tiles, dy_tiles, tile = 0;

  Fetch(const Blocks& blocks, const Band& band, bool whole_x, bool whole_dy)
      : x(blocks.x.at(band.n0, blocks.p.x_rows(band).first, 0)),
        dy(blocks.dy.at(band.n0, band.oh0, 0)),
        lines(int64_t{band.n1 - band.n0} * (band.oh1 - band.oh0) * blocks.p.f.ow),
        x_tiles(whole_x ? ceil_div(blocks.p.c * blocks.p.f.stride * blocks.p.f.stride, 16) : 0),
        dy_tiles(whole_dy ? ceil_div(blocks.p.o, 16) : 0) {}

  Ahead next() {
    int64_t at = tile++;
    if (at < dy_tiles) return {dy + at * lines * 16, 16};
    at -= dy_tiles;
    return at < x_tiles ? Ahead{x + at * lines * 16, 16} : Ahead{dy, 0};
  }
};

/// One chunk: the sums of a block of dw over the bands of a part.
void sum_block(const Problem& p, const Call& call, int64_t part, int64_t c0, int64_t o0, float* scratch,
               float* dw) {
  int64_t channels = std::min(p.c_block, p.channels - c0), outs = std::min(p.o_block, p.o - o0);
  Blocks blocks(p, call, outs, scratch);
  const Panels& panels = blocks.panels;
  const int64_t first_band = part_begin(p.bands, part, p.parts),
                last_band = part_begin(p.bands, part + 1, p.parts);
  for (int64_t index = first_band; index < last_band; ++index) {
    Band band = p.band(index);
    blocks.pack_x(band, c0, channels);
    blocks.pack_dy(band, o0, outs);
    Fetch fetch(blocks, p.band(std::min(index + 1, last_band - 1)), channels == p.channels, outs == p.o);
    for (int tap = 0; tap < p.taps_h * p.taps_w; ++tap) {
      const Meetings meetings = blocks.meet(band, tap / p.taps_w, tap % p.taps_w);
      for (int64_t panel = 0; panel < panels.count; ++panel) {
        int64_t first = panels.begin(panel), width = (panels.begin(panel + 1) - first) / kLanes;
        for (int64_t c = 0; c < channels; c += p.rows)
          kTiles[p.rows - 1][width - 1](blocks.x_at(c0, c), blocks.dy_at(panel), meetings,
                                        {.dw = dw + (tap * p.channels + c0 + c) * p.o + o0 + first,
                                         .stride = p.o,
                                         .rows = channels - c,
                                         .columns = outs - first,
                                         .add = index > first_band},
                                        fetch.next());
      }
    }
  }
}

}  // namespace

size_t conv2d_dw_tile_workspace(std::span<const Desc> descs, const Params& params) {
  Problem p(params.as<Window>(), descs[0].shape, descs[1].shape);
  return (max_threads() * p.thread_floats() + (p.parts > 1 ? p.parts * p.filter() : 0)) * sizeof(float);
}

void conv2d_dw_tile(const Call& call) {
  Problem p(call.params.as<Window>(), call.in[0].shape(), call.in[1].shape());
  float* scratch = static_cast<float*>(call.workspace);
  float *parts = scratch + max_threads() * p.thread_floats(), *dw = call.out[0].as<float>();
  parallel_chunks(p.parts * p.c_blocks * p.o_blocks, [&](int64_t chunk) {
    int64_t part = chunk / (p.c_blocks * p.o_blocks), block = chunk % (p.c_blocks * p.o_blocks);
    sum_block(p, call, part, block / p.o_blocks * p.c_block, block % p.o_blocks * p.o_block,
              scratch + thread_index() * p.thread_floats(), p.parts > 1 ? parts + part * p.filter() : dw);
  });
  if (p.parts > 1) add_parts(parts, p.filter(), dw, p.parts);
}

}  // namespace lineament::LINEAMENT_LEVEL
