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
  const int row = width * channels, border = kBorder * channels;
  std::vector<float> frame(size_t(height + 2 * kBorder) * (row + 2 * border));  // black
  for (int y = -kBorder; y < height + kBorder; ++y) {
    const int v = std::clamp(y, 0, height - 1);
    if (v != y && beyond == Beyond::black) continue;
    const float* from = in.data() + size_t(v) * row;
    float* to = frame.data() + size_t(y + kBorder) * (row + 2 * border);
    std::copy_n(from, row, to + border);
    for (int i = 0; i < border && beyond == Beyond::edge; ++i) {
      to[i] = from[i % channels];
      to[border + row + i] = from[row - channels + i % channels];
    }
  }
  return frame;
}

/// The number of channels is known when this is compiled: a tenth of a fresh face's time.
template <int kChannels>
void warp_framed(const std::vector<float>& frame, const PictureShape& shape, const PlaneMap& back, std::span<float> out) {
  const PictureShape size = shape;  // its own, so that writing pixels cannot be thought to change it
  const int row = (size.width + 2 * kBorder) * kChannels;
  float* to = out.data();
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) {
      const Source from = source_of(back, size, x, y);
      const float* taps = frame.data() + (from.y - 1 + kBorder) * row + (from.x - 1 + kBorder) * kChannels;
      for (int c = 0; c < kChannels; ++c, ++taps)
        *to++ = seen_from(from, [&](int i, int j) { return taps[i * row + j * kChannels]; });
    }
}

}  // namespace

PlaneMap inverse(const PlaneMap& m) {
  check(std::fabs(area_of(m)) > 1e-6f, "a map that squashes the plane has no inverse");
  return back_from(m);
}

void warp(std::span<const float> in, const PictureShape& shape, const PlaneMap& map, Beyond beyond, std::span<float> out) {
  const std::vector<float> frame = framed(in, shape, beyond);
  const PlaneMap back = inverse(map);
  if (shape.channels == 1)
    warp_framed<1>(frame, shape, back, out);
  else
    warp_framed<3>(frame, shape, back, out);
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
