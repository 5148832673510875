// Convolution of pictures with few channels: a row of the filter is one tap of kw c floats, side by side in a copy of
// the picture's rows that has its padding around it.
#include "kernels/cpu/simd/filter.h"
#include "kernels/cpu/simd/spatial.h"
#include "kernels/cpu/simd/tap_chunks.h"
#include "kernels/pixels.h"

namespace lineament::LINEAMENT_LEVEL {
namespace {

constexpr int kMostChannels = 8;  // beyond that a pixel alone keeps a tile busy
constexpr int64_t kLeastRow = 9;  // floats of a row of taps: 3 pixels of 3 channels

constexpr int64_t kManyRows = 1 << 20;  // packs whatever is not one panel: such filters are small

/// A chunk of output rows of one picture, and the padded rows of x under them.
struct Band {
  int rows;       // of y
  int x_rows;     // of x, padded
  int64_t x_row;  // floats of one

  Band(const Window& f, int64_t channels)
      : rows(std::clamp<int>(TapCut::kRows / f.ow, 1, f.oh)),
        x_rows((rows - 1) * f.stride + f.kh),
        x_row(((f.ow - 1) * f.stride + f.kw) * channels) {}
  int64_t floats() const { return x_rows * x_row; }
};

/// Rows of picture n from `top` on, zeros where there is no pixel.
void pad_rows(const Pixels<float>& x, int n, int top, int left, const Band& band, float* to) {
  const int64_t before = int64_t{left} * x.c, row = int64_t{x.w} * x.c;
  for (int i = 0; i < band.x_rows; ++i, to += band.x_row) {
    const int h = top + i;
    const int64_t count = h < 0 || h >= x.h ? 0 : std::min(row, band.x_row - before);
    std::fill_n(to, count ? before : band.x_row, 0.0f);
    if (!count) continue;
    std::copy_n(x.at(n, h, 0), count, to + before);
    std::fill(to + before + count, to + band.x_row, 0.0f);
  }
}

}  // namespace

// Shorter rows leave conv2d_direct ahead, until there is so little to sum that only how y is stored counts.
bool conv2d_rows_tile_supports(std::span<const Desc> descs, const Params& params) {
  const auto& f = params.as<Window>();
  const int64_t channels = descs[0].shape[3], row = f.kw * channels;
  return f.taps() > 1 && channels <= kMostChannels &&
         (row >= kLeastRow || f.taps() * channels <= kLineFloats) && row <= kBlockK && f.kh <= kMostTaps &&
         f.ow <= TapCut::kRows && f.left < f.kw;
}

size_t conv2d_rows_tile_workspace(std::span<const Desc> descs, const Params& params) {
  const Shape& w = descs[1].shape;
  const Band band(params.as<Window>(), w[2]);
  return (filter_floats(w, kManyRows) + max_threads() * band.floats()) * sizeof(float);
}

void conv2d_rows_tile(const Call& call) {
  const auto& f = call.params.as<Window>();
  auto x = pixels<float>(call.in[0]), y = pixels<float>(call.out[0]);
  const Band band(f, x.c);
  int64_t offsets[kMostTaps];
  for (int i = 0; i < f.kh; ++i) offsets[i] = i * band.x_row;
  TapSums sums{.x = nullptr,
               .y = y.data,
               .channels = int64_t{f.kw} * x.c,
               .taps = f.kh,
               .offsets = offsets,
               .panels = {y.c},
               .b = nullptr};
  sums.epilogue = finish_of<float>(call);
  float* bands = static_cast<float*>(call.workspace);
  use_filter(sums, call.in[1], kManyRows, nullptr, bands);
  bands += filter_floats(call.in[1].shape(), kManyRows);
  sums.stream = streams(sums, y.count() * y.c * int64_t{sizeof(float)});
  const int64_t chunks = (y.h + band.rows - 1) / band.rows;
  parallel_chunks(y.n * chunks, [&](int64_t chunk) {
    const int n = static_cast<int>(chunk / chunks), first = static_cast<int>(chunk % chunks) * band.rows;
    TapSums here = sums;
    float* copy = bands + thread_index() * band.floats();
    here.x = copy;
    pad_rows(x, n, first * f.stride - f.top, f.left, band, copy);
    TapRow rows[TapCut::kRows];
    size_t count = 0;
    for (int oh = first; oh < std::min(y.h, first + band.rows); ++oh)
      for (int ow = 0; ow < y.w; ++ow)
        rows[count++] = {(oh - first) * f.stride * band.x_row + int64_t{ow} * f.stride * x.c, ~uint64_t{0},
                         y.at(n, oh, ow) - y.data};
    sum_taps(here, {rows, count}, 0, here.panels.count());
  });
}

}  // namespace lineament::LINEAMENT_LEVEL
