#include "data/augment/warp.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"

namespace lineament {
namespace {

constexpr int kBorder = 2;  // pixels that the four taps reach past the picture
constexpr int kFramed = kImageSize + 2 * kBorder;

/// The picture with `kBorder` pixels round it, so that taps need no bounds.
using Framed = std::array<float, kFramed * kFramed>;

void frame(std::span<const float> in, Beyond beyond, Framed& framed) {
  for (int y = 0; y < kFramed; ++y)
    for (int x = 0; x < kFramed; ++x) {
      const int u = x - kBorder, v = y - kBorder;
      const int cu = std::clamp(u, 0, kImageSize - 1), cv = std::clamp(v, 0, kImageSize - 1);
      const bool inside = u == cu && v == cv;
      framed[y * kFramed + x] = inside || beyond == Beyond::edge ? in[cv * kImageSize + cu] : 0.0f;
    }
}

}  // namespace

PlaneMap inverse(const PlaneMap& m) {
  check(std::fabs(area_of(m)) > 1e-6f, "a map that squashes the plane has no inverse");
  return back_from(m);
}

void warp(std::span<const float> in, const PlaneMap& map, Beyond beyond, std::span<float> out) {
  Framed framed;
  frame(in, beyond, framed);
  const PlaneMap back = inverse(map);
  for (int y = 0; y < kImageSize; ++y)
    for (int x = 0; x < kImageSize; ++x) {
      const Source from = source_of(back, x, y);
      const float* taps = framed.data() + (from.y - 1 + kBorder) * kFramed + (from.x - 1 + kBorder);
      out[y * kImageSize + x] = seen_from(from, [&](int i, int j) { return taps[i * kFramed + j]; });
    }
}

Keypoints warp(const Keypoints& points, const PlaneMap& map) {
  Keypoints moved;
  for (int k = 0; k < kCoordinates; k += 2) {  // NaN stays NaN
    moved[k] = map.x(points[k], points[k + 1]);
    moved[k + 1] = map.y(points[k], points[k + 1]);
  }
  return moved;
}

bool all_inside(const Keypoints& points) {
  return std::ranges::all_of(points, [](float v) { return std::isnan(v) || inside(v); });
}

}  // namespace lineament
