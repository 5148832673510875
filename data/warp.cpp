#include "data/warp.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "tensor/check.h"

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

/// Weights of the pixels at -1, 0, 1, 2 for a place t of the way from 0 to 1.
std::array<float, 4> cubic(float t) {
  constexpr float A = -0.75f;
  const auto near = [](float s) { return ((A + 2) * s - (A + 3)) * s * s + 1; };
  const auto far = [](float s) { return ((A * s - 5 * A) * s + 8 * A) * s - 4 * A; };
  return {far(t + 1), near(t), near(1 - t), far(2 - t)};
}

}  // namespace

PlaneMap then(const PlaneMap& first, const PlaneMap& second) {
  const auto& [a, b, c, d, e, f] = first;
  return {.a = second.a * a + second.b * d,
          .b = second.a * b + second.b * e,
          .c = second.x(c, f),
          .d = second.d * a + second.e * d,
          .e = second.d * b + second.e * e,
          .f = second.y(c, f)};
}

PlaneMap inverse(const PlaneMap& m) {
  const float area = m.a * m.e - m.b * m.d;
  check(std::fabs(area) > 1e-6f, "a map that squashes the plane has no inverse");
  const float a = m.e / area, b = -m.b / area, d = -m.d / area, e = m.a / area;
  return {a, b, -(a * m.c + b * m.f), d, e, -(d * m.c + e * m.f)};
}

PlaneMap shifted(float dx, float dy) { return {.c = dx, .f = dy}; }

PlaneMap rotated(float degrees, float x, float y) {
  const float angle = degrees * std::numbers::pi_v<float> / 180, s = std::sin(angle), c = std::cos(angle);
  return then(shifted(-x, -y), then({.a = c, .b = s, .d = -s, .e = c}, shifted(x, y)));  // y points down
}

void warp(std::span<const float> in, const PlaneMap& map, Beyond beyond, std::span<float> out) {
  Framed framed;
  frame(in, beyond, framed);
  const PlaneMap back = inverse(map);
  // A place further out than this sees only what lies beyond; clamped there, it needs no case of its own.
  constexpr float kLeast = -1.0f, kMost = kImageSize;
  for (int y = 0; y < kImageSize; ++y)
    for (int x = 0; x < kImageSize; ++x) {
      const float u = std::clamp(back.x(float(x), float(y)), kLeast, kMost);
      const float v = std::clamp(back.y(float(x), float(y)), kLeast, kMost);
      const int u0 = std::min(int(std::floor(u)), kImageSize - 1),
                v0 = std::min(int(std::floor(v)), kImageSize - 1);
      const auto wu = cubic(u - float(u0)), wv = cubic(v - float(v0));
      const float* taps = framed.data() + (v0 - 1 + kBorder) * kFramed + (u0 - 1 + kBorder);
      float sum = 0;
      for (int i = 0; i < 4; ++i) {
        const float* row = taps + i * kFramed;
        sum += wv[i] * (wu[0] * row[0] + wu[1] * row[1] + wu[2] * row[2] + wu[3] * row[3]);
      }
      out[y * kImageSize + x] = sum;
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
