// Convolution as tap sums: a row is an output pixel, its taps the pixels of x under the filter.
#include "kernels/cpu/simd/filter.h"
#include "kernels/cpu/simd/spatial.h"
#include "kernels/cpu/simd/tap_chunks.h"
#include "kernels/pixels.h"

namespace lineament::LINEAMENT_LEVEL {

bool conv2d_tile_supports(std::span<const Desc>, const Params& params) {
  return params.as<Window>().taps() <= kMostTaps;
}

size_t conv2d_tile_workspace(std::span<const Desc> descs, const Params&) {
  const Shape& y = descs.back().shape;
  return filter_floats(descs[1].shape, y[0] * y[1] * y[2]) * sizeof(float);
}

size_t conv2d_tile_packed(std::span<const Desc> descs, const Params&) {
  const Shape& w = descs[1].shape;
  return Panels{w[3]}.packed(w[0] * w[1] * w[2]) * sizeof(float);
}

void conv2d_tile_pack(const Call& call, void* to) {
  const Shape& w = call.in[1].shape();
  pack_filter({.x = nullptr,
               .y = nullptr,
               .channels = w[2],
               .taps = static_cast<int>(w[0] * w[1]),
               .offsets = nullptr,
               .panels = {w[3]},
               .b = nullptr},
              call.in[1], static_cast<float*>(to));
}

void conv2d_tile(const Call& call) {
  const auto& f = call.params.as<Window>();
  auto x = pixels<float>(call.in[0]), y = pixels<float>(call.out[0]);
  int64_t offsets[kMostTaps];
  for (int t = 0; t < f.taps(); ++t) offsets[t] = (int64_t{t / f.kw} * x.w + t % f.kw) * x.c;
  TapSums sums{.x = x.data,
               .y = y.data,
               .channels = x.c,
               .taps = f.taps(),
               .offsets = offsets,
               .panels = {y.c},
               .b = nullptr};
  sums.epilogue = finish_of<float>(call);
  use_filter(sums, call.in[1], y.count(), call.packed, static_cast<float*>(call.workspace));
  if (f.pointwise()) {  // all pictures are one row of pixels
    sum_pictures(sums, {1, y.count(), 0, 0}, [&](int64_t q) { return TapRow{q * x.c, 1, q * y.c}; });
    return;
  }
  sum_pictures(sums, {y.n, int64_t{y.h} * y.w, int64_t{x.h} * x.w * x.c, int64_t{y.h} * y.w * y.c},
               [&](int64_t q) {
                 const int oh = static_cast<int>(q / y.w), ow = static_cast<int>(q % y.w);
                 const int top = oh * f.stride - f.top, left = ow * f.stride - f.left;
                 auto [i0, i1] = taps_inside(top, f.kh, f.h);
                 const uint64_t row = bits(taps_inside(left, f.kw, f.w));
                 uint64_t taps = 0;
                 for (int i = i0; i < i1; ++i) taps |= row << i * f.kw;
                 return TapRow{(int64_t{top} * x.w + left) * x.c, taps, q * y.c};
               });
}

}  // namespace lineament::LINEAMENT_LEVEL
