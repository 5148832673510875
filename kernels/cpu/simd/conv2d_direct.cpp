// Convolution of pictures with few channels: a tile of output pixels
// stays in registers while all taps pass by.
#include <algorithm>

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/simd/epilogue.h"
#include "kernels/cpu/simd/spatial.h"
#include "kernels/pixels.h"

namespace lineament::LINEAMENT_LEVEL {
namespace {

constexpr int kTilePixels = 6;  // 6 x 2 sums, 2 weights and a pixel fit the 16 registers of AVX2
constexpr int64_t kMostChannels = 8;
constexpr int64_t kMostTaps =
    192;  // floats under a pixel: beyond that the weights leave L1, and a matrix product wins

int64_t padded(int64_t o) { return (o + 2 * kLanes - 1) / (2 * kLanes) * (2 * kLanes); }

/// The taps of one tile, all inside the picture.
struct Taps {
  const float* x;        // under the first pixel
  int64_t x_row;         // from one row of taps to the next
  int64_t x_pixel;       // from one output pixel to the next
  const float* weights;  // [taps, padded o]
  int64_t weights_row;   // from one row of taps to the next
  int rows;
  int64_t run;  // floats side by side in one row of taps
};

/// Channels [o, o + count) of V registers, for P pixels: y + i on.
template <int P, int V>
void tile(const Taps& taps, int64_t o_padded, const float* bias, const Epilogue& epilogue, int64_t o,
          float* y, int64_t i, int64_t y_pixel, int64_t count) {
  constexpr Channels<V> block{0};
  Lanes sum[P][V];
  for (int p = 0; p < P; ++p)
    for (int v = 0; v < V; ++v) sum[p][v] = block.load(bias + o, v);
  for (int row = 0; row < taps.rows; ++row) {
    const float* x = taps.x + row * taps.x_row;
    const float* weights = taps.weights + row * taps.weights_row;
    for (int64_t t = 0; t < taps.run; ++t, weights += o_padded)
      for (int p = 0; p < P; ++p) {
        Lanes value = broadcast(x[p * taps.x_pixel + t]);
        for (int v = 0; v < V; ++v) sum[p][v] += value * block.load(weights, v);
      }
  }
  for (int p = 0; p < P; ++p)
    for (int v = 0; v < V; ++v) {
      const int64_t first = v * kLanes, at = i + p * y_pixel + first;
      const int64_t wanted = std::min<int64_t>(kLanes, count - first);
      store_first(y + at, wanted, finished(epilogue, sum[p][v], o + first, at, wanted));
    }
}

template <int P>
void tile_all_channels(Taps taps, int64_t o, const float* bias, const Epilogue& epilogue, float* y,
                       int64_t i) {
  for (int64_t first = 0; first < o; first += 2 * kLanes, taps.weights += 2 * kLanes) {
    int64_t count = std::min<int64_t>(o - first, 2 * kLanes);
    if (count > kLanes)
      tile<P, 2>(taps, padded(o), bias, epilogue, first, y, i + first, o, count);
    else
      tile<P, 1>(taps, padded(o), bias, epilogue, first, y, i + first, o, count);
  }
}

}  // namespace

bool conv2d_direct_supports(std::span<const Desc> descs, const Params& params) {
  const int64_t channels = descs[0].shape[3];
  return channels <= kMostChannels && params.as<Window>().taps() * channels <= kMostTaps;
}

size_t conv2d_direct_workspace(std::span<const Desc> descs, const Params&) {
  const Shape& w = descs[1].shape;
  return (w[0] * w[1] * w[2] + 1) * padded(w[3]) * sizeof(float);
}

void conv2d_direct(const Call& call) {
  const auto& f = call.params.as<Window>();
  auto x = pixels<float>(call.in[0]), y = pixels<float>(call.out[0]);
  const float* w = call.in[1].as<float>();
  int64_t o = y.c, o_padded = padded(o), k = int64_t{f.taps()} * x.c;
  float* bias = static_cast<float*>(call.workspace);
  float* weights = bias + o_padded;
  std::fill_n(bias, (k + 1) * o_padded, 0.0f);
  const Epilogue epilogue = finish_of<float>(call);
  if (start_of(epilogue)) std::copy_n(start_of(epilogue), o, bias);
  for (int64_t t = 0; t < k; ++t) std::copy_n(w + t * o, o, weights + t * o_padded);

  // Positions [inner, outer) have all their columns inside the picture and go in tiles.
  int inner = std::min(f.ow, (f.left + f.stride - 1) / f.stride);
  int outer = f.w + f.left < f.kw ? inner : std::clamp((f.w + f.left - f.kw) / f.stride + 1, inner, f.ow);
  int64_t row_grain = std::max<int64_t>(1, kElementwiseGrain / (f.ow * o));
  parallel_ranges(int64_t{y.n} * y.h, row_grain, [&](int64_t first_row, int64_t last_row) {
    for (int64_t row = first_row; row < last_row; ++row) {
      int n = static_cast<int>(row / y.h), oh = static_cast<int>(row % y.h);
      int top = oh * f.stride - f.top;
      const Range rows = taps_inside(top, f.kh, f.h);
      auto taps_at = [&](int ow) {
        int left = ow * f.stride - f.left;
        auto [j0, j1] = taps_inside(left, f.kw, f.w);
        bool any = rows.first < rows.last && j0 < j1;
        return Taps{.x = any ? x.at(n, top + rows.first, left + j0) : nullptr,
                    .x_row = int64_t{x.w} * x.c,
                    .x_pixel = int64_t{f.stride} * x.c,
                    .weights = any ? weights + (int64_t{rows.first} * f.kw + j0) * x.c * o_padded : weights,
                    .weights_row = int64_t{f.kw} * x.c * o_padded,
                    .rows = any ? rows.last - rows.first : 0,
                    .run = int64_t{j1 - j0} * x.c};
      };
      auto one_by_one = [&](int from, int to) {
        for (int ow = from; ow < to; ++ow)
          tile_all_channels<1>(taps_at(ow), o, bias, epilogue, y.data, y.at(n, oh, ow) - y.data);
      };
      one_by_one(0, inner);
      if (outer - inner < kTilePixels)
        one_by_one(inner, outer);
      else  // the last tile goes over pixels of the one before rather than past the row
        for (int ow = inner; ow < outer; ow += kTilePixels) {
          int at = std::min(ow, outer - kTilePixels);
          tile_all_channels<kTilePixels>(taps_at(at), o, bias, epilogue, y.data, y.at(n, oh, at) - y.data);
        }
      one_by_one(outer, f.ow);
    }
  });
}

}  // namespace lineament::LINEAMENT_LEVEL
