// The data gradient as tap sums: a row is a pixel of dx, its taps the positions of dy whose filter covers it. With a
// stride s, pixels of the same parity (h mod s, w mod s) have the same taps and go together.
#include "kernels/cpu/simd/filter.h"
#include "kernels/cpu/simd/spatial.h"
#include "kernels/cpu/simd/tap_chunks.h"
#include "kernels/pixels.h"

namespace lineament::LINEAMENT_LEVEL {
namespace {

struct Pixel {
  int h, w;
};

/// Pixel `q` of an h x w picture in the order of parities: all with (h mod s, w mod s) = (0, 0) first.
Pixel by_parity(int64_t q, const Window& f) {
  const int s = f.stride;
  for (int parity = 0; parity < s * s; ++parity) {
    const int64_t h0 = parity / s, w0 = parity % s;
    const int64_t rows = (f.h - h0 + s - 1) / s, columns = (f.w - w0 + s - 1) / s;
    if (q < rows * columns)
      return {static_cast<int>(h0 + q / columns * s), static_cast<int>(w0 + q % columns * s)};
    q -= rows * columns;
  }
  return {};
}

/// Bit i: the position whose tap i covers this pixel exists, along one axis.
uint64_t covered(int pixel, int before, int taps, int stride, int positions) {
  uint64_t set = 0;
  for (int i = (pixel + before) % stride; i < taps && i <= pixel + before; i += stride)
    if ((pixel + before - i) / stride < positions) set |= uint64_t{1} << i;
  return set;
}

}  // namespace

size_t conv2d_dx_tile_workspace(std::span<const Desc> descs, const Params&) {
  return transposed_floats(descs[1].shape) * sizeof(float);
}

void conv2d_dx_tile(const Call& call) {
  const auto& f = call.params.as<Window>();
  auto dy = pixels<float>(call.in[0]), dx = pixels<float>(call.out[0]);
  // Tap i of pixel h reads position (h + top - i) / s, and (h + top) / s - i / s is the same number where it is whole.
  int64_t offsets[kMostTaps];
  for (int t = 0; t < f.taps(); ++t)
    offsets[t] = -(int64_t{t / f.kw / f.stride} * dy.w + t % f.kw / f.stride) * dy.c;
  TapSums sums{.x = dy.data,
               .y = dx.data,
               .channels = dy.c,
               .taps = f.taps(),
               .offsets = offsets,
               .panels = {dx.c},
               .b = nullptr};
  use_filter_transposed(sums, call.in[1], static_cast<float*>(call.workspace));
  if (f.pointwise()) {
    sum_pictures(sums, {1, dx.count(), 0, 0}, [&](int64_t q) { return TapRow{q * dy.c, 1, q * dx.c}; });
    return;
  }
  sum_pictures(sums, {dx.n, int64_t{dx.h} * dx.w, int64_t{dy.h} * dy.w * dy.c, int64_t{dx.h} * dx.w * dx.c},
               [&](int64_t q) {
                 const Pixel at = by_parity(q, f);
                 const uint64_t rows = covered(at.h, f.top, f.kh, f.stride, f.oh);
                 const uint64_t row = covered(at.w, f.left, f.kw, f.stride, f.ow);
                 uint64_t taps = 0;
                 for (int i = 0; i < f.kh; ++i)
                   if (rows >> i & 1) taps |= row << i * f.kw;
                 return TapRow{
                     (int64_t{(at.h + f.top) / f.stride} * dy.w + (at.w + f.left) / f.stride) * dy.c, taps,
                     (int64_t{at.h} * dx.w + at.w) * dx.c};
               });
}

}  // namespace lineament::LINEAMENT_LEVEL
