#include "data/augment/warp.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/check.h"

namespace lineament {
namespace {

constexpr int kBorder = 2;  // pixels that the four taps reach past the picture

/// The picture with `kBorder` pixels round it, so that taps need no bounds.
std::vector<float> framed(std::span<const float> in, const PictureShape& shape, Beyond beyond) {
  const auto [height, width, channels] = shape;
  std::vector<float> frame(size_t(height + 2 * kBorder) * (width + 2 * kBorder) * channels);
  float* at = frame.data();
  for (int y = -kBorder; y < height + kBorder; ++y)
    for (int x = -kBorder; x < width + kBorder; ++x) {
      const int u = std::clamp(x, 0, width - 1), v = std::clamp(y, 0, height - 1);
      const bool shows = (u == x && v == y) || beyond == Beyond::edge;
      for (int c = 0; c < channels; ++c) *at++ = shows ? in[(size_t(v) * width + u) * channels + c] : 0.0f;
    }
  return frame;
}

}  // namespace

PlaneMap inverse(const PlaneMap& m) {
  check(std::fabs(area_of(m)) > 1e-6f, "a map that squashes the plane has no inverse");
  return back_from(m);
}

void warp(std::span<const float> in, const PictureShape& shape, const PlaneMap& map, Beyond beyond, std::span<float> out) {
  const int channels = shape.channels, row = (shape.width + 2 * kBorder) * channels;
  const std::vector<float> frame = framed(in, shape, beyond);
  const PlaneMap back = inverse(map);
  float* to = out.data();
  for (int y = 0; y < shape.height; ++y)
    for (int x = 0; x < shape.width; ++x) {
      const Source from = source_of(back, shape, x, y);
      const float* taps = frame.data() + (from.y - 1 + kBorder) * row + (from.x - 1 + kBorder) * channels;
      for (int c = 0; c < channels; ++c, ++taps)
        *to++ = seen_from(from, [&](int i, int j) { return taps[i * row + j * channels]; });
    }
}

Keypoints warp(const Keypoints& points, const PlaneMap& map) {
  Keypoints moved(points.size());
  for (size_t k = 0; k < points.size(); k += 2) {  // NaN stays NaN
    moved[k] = map.x(points[k], points[k + 1]);
    moved[k + 1] = map.y(points[k], points[k + 1]);
  }
  return moved;
}

bool all_inside(const Keypoints& points, const PictureShape& shape) {
  for (size_t k = 0; k < points.size(); k += 2) {
    const float x = points[k], y = points[k + 1];
    if (!inside(shape, std::isnan(x) ? 0 : x, std::isnan(y) ? 0 : y)) return false;
  }
  return true;
}

}  // namespace lineament
