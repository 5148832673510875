// Padding and cropping, a row of a picture at a time.
#include <algorithm>

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/simd/spatial.h"
#include "kernels/pixels.h"
#include "kernels/spatial_ops.h"

namespace lineament::LINEAMENT_LEVEL {

void zero_pad_rows(const Call& call) {
  const auto& m = call.params.as<Margins>();
  auto x = pixels<float>(call.in[0]), y = pixels<float>(call.out[0]);
  int64_t grain = std::max<int64_t>(1, kElementwiseGrain / (int64_t{y.w} * y.c));
  parallel_ranges(int64_t{y.n} * y.h, grain, [&](int64_t first, int64_t last) {
    for (int64_t row = first; row < last; ++row) {
      int n = static_cast<int>(row / y.h), h = static_cast<int>(row % y.h) - m.top;
      float *begin = y.data + row * y.w * y.c, *end = begin + int64_t{y.w} * y.c;
      if (h < 0 || h >= x.h) {
        std::fill(begin, end, 0.0f);
        continue;
      }
      float* inside = std::fill_n(begin, int64_t{m.left} * y.c, 0.0f);
      inside = std::copy_n(x.at(n, h, 0), int64_t{x.w} * x.c, inside);
      std::fill(inside, end, 0.0f);
    }
  });
}

void zero_pad_dx_rows(const Call& call) {
  const auto& m = call.params.as<Margins>();
  auto dy = pixels<float>(call.in[0]), dx = pixels<float>(call.out[0]);
  int64_t grain = std::max<int64_t>(1, kElementwiseGrain / (int64_t{dx.w} * dx.c));
  parallel_ranges(int64_t{dx.n} * dx.h, grain, [&](int64_t first, int64_t last) {
    for (int64_t row = first; row < last; ++row) {
      int n = static_cast<int>(row / dx.h), h = static_cast<int>(row % dx.h);
      std::copy_n(dy.at(n, h + m.top, m.left), int64_t{dx.w} * dx.c, dx.at(n, h, 0));
    }
  });
}

}  // namespace lineament::LINEAMENT_LEVEL
