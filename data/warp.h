// A picture seen through a map of the plane: x' = a x + b y + c, y' = d x + e y + f. Pixel centres lie on whole numbers.
#pragma once
#include <span>

#include "data/faces.h"

namespace lineament {

struct PlaneMap {
  float a = 1, b = 0, c = 0;
  float d = 0, e = 1, f = 0;

  float x(float x, float y) const { return a * x + b * y + c; }
  float y(float px, float py) const { return d * px + e * py + f; }
};

/// First `first`, then `second`.
PlaneMap then(const PlaneMap& first, const PlaneMap& second);
/// The map back; the map must not squash the plane.
PlaneMap inverse(const PlaneMap& map);

PlaneMap shifted(float dx, float dy);
/// By `degrees`, counter-clockwise as one looks at the picture, about (x, y).
PlaneMap rotated(float degrees, float x, float y);

/// What lies beyond the picture: black, as in the study, or the picture's edge, which goes on.
enum class Beyond { black, edge };

/// out[p] = in[map^-1(p)] by bicubic interpolation (Keys, a = -0.75, as OpenCV has it). 96x96 each; values of any range.
void warp(std::span<const float> in, const PlaneMap& map, Beyond beyond, std::span<float> out);

/// Where the points go; missing ones stay missing.
Keypoints warp(const Keypoints& points, const PlaneMap& map);

/// A coordinate on the picture; NaN is none.
inline bool inside(float v) { return v >= 0 && v <= kImageSize - 1; }
/// Every point that is there lies on the picture.
bool all_inside(const Keypoints& points);

}  // namespace lineament
