// A map of the plane, x' = a x + b y + c, y' = d x + e y + f, and what a picture shows where it leads from. Pixel centres lie
// on whole numbers. Formulas alone: the CPU runs them in warp.cpp, CUDA in kernels/cuda/face_batch.
#pragma once
#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/device_too.h"
#include "data/picture_shape.h"

namespace lineament {

struct PlaneMap {
  float a = 1, b = 0, c = 0;
  float d = 0, e = 1, f = 0;

  LINEAMENT_DEVICE_TOO float x(float px, float py) const { return a * px + b * py + c; }
  LINEAMENT_DEVICE_TOO float y(float px, float py) const { return d * px + e * py + f; }
};

/// First `first`, then `second`.
LINEAMENT_DEVICE_TOO inline PlaneMap then(const PlaneMap& first, const PlaneMap& second) {
  const auto& [a, b, c, d, e, f] = first;
  return {.a = second.a * a + second.b * d,
          .b = second.a * b + second.b * e,
          .c = second.x(c, f),
          .d = second.d * a + second.e * d,
          .e = second.d * b + second.e * e,
          .f = second.y(c, f)};
}

/// By how much a map stretches areas; one that squashes the plane has no inverse.
LINEAMENT_DEVICE_TOO inline float area_of(const PlaneMap& m) { return m.a * m.e - m.b * m.d; }

/// The map back of one that does not squash the plane.
LINEAMENT_DEVICE_TOO inline PlaneMap back_from(const PlaneMap& m) {
  const float area = area_of(m);
  const float a = m.e / area, b = -m.b / area, d = -m.d / area, e = m.a / area;
  return {a, b, -(a * m.c + b * m.f), d, e, -(d * m.c + e * m.f)};
}

LINEAMENT_DEVICE_TOO inline PlaneMap shifted(float dx, float dy) { return {.c = dx, .f = dy}; }

/// By `degrees`, counter-clockwise as one looks at the picture, about (x, y).
LINEAMENT_DEVICE_TOO inline PlaneMap rotated(float degrees, float x, float y) {
  const float angle = degrees * std::numbers::pi_v<float> / 180, s = std::sin(angle), c = std::cos(angle);
  return then(shifted(-x, -y), then({.a = c, .b = s, .d = -s, .e = c}, shifted(x, y)));  // y points down
}

/// Where a pixel's brightness comes from: the pixel at (x, y), three neighbours to the left, right and below, their weights.
struct Source {
  int x, y;
  float across[4], down[4];
};

/// Weights of the pixels at -1, 0, 1, 2 for a place t of the way from 0 to 1 (Keys, a = -0.75, as OpenCV has it).
LINEAMENT_DEVICE_TOO inline void cubic(float t, float (&weights)[4]) {
  constexpr float A = -0.75f;
  const auto near = [](float s) { return ((A + 2) * s - (A + 3)) * s * s + 1; };
  const auto far = [](float s) { return ((A * s - 5 * A) * s + 8 * A) * s - 4 * A; };
  weights[0] = far(t + 1), weights[1] = near(t), weights[2] = near(1 - t), weights[3] = far(2 - t);
}

/// Of pixel (x, y), `back` being the inverse of the map that the picture of this shape is seen through.
LINEAMENT_DEVICE_TOO inline Source source_of(const PlaneMap& back, const PictureShape& shape, int x, int y) {
  // A place further out than this sees only what lies beyond; clamped there, it needs no case of its own.
  constexpr float kLeast = -1.0f;
  const float u = std::clamp(back.x(float(x), float(y)), kLeast, float(shape.width));
  const float v = std::clamp(back.y(float(x), float(y)), kLeast, float(shape.height));
  Source from;
  from.x = std::min(int(std::floor(u)), shape.width - 1);
  from.y = std::min(int(std::floor(v)), shape.height - 1);
  cubic(u - float(from.x), from.across);
  cubic(v - float(from.y), from.down);
  return from;
}

/// The sum over all sixteen; pixel(i, j) is the brightness i rows and j columns after the first of them.
template <class Pixel>
LINEAMENT_DEVICE_TOO inline float seen_from(const Source& from, Pixel pixel) {
  float sum = 0;
  for (int i = 0; i < 4; ++i)
    sum += from.down[i] * (from.across[0] * pixel(i, 0) + from.across[1] * pixel(i, 1) +
                           from.across[2] * pixel(i, 2) + from.across[3] * pixel(i, 3));
  return sum;
}

/// A place on the picture; NaN is none.
LINEAMENT_DEVICE_TOO inline bool inside(const PictureShape& shape, float x, float y) {
  return x >= 0 && x <= float(shape.width - 1) && y >= 0 && y <= float(shape.height - 1);
}

}  // namespace lineament
