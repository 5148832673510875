// A picture seen through a map of the plane (data/augment/plane_map.h).
#pragma once
#include <span>

#include "data/augment/plane_map.h"
#include "data/keypoint_set.h"

namespace lineament {

/// The map back; the map must not squash the plane.
PlaneMap inverse(const PlaneMap& map);

/// What lies beyond the picture: black, as in the study, or the picture's edge, which goes on.
enum class Beyond { black, edge };

/// out[p] = in[map^-1(p)] by bicubic interpolation, both of this shape; values of any range.
void warp(std::span<const float> in, const PictureShape& shape, const PlaneMap& map, Beyond beyond, std::span<float> out);

/// Where the points go; missing ones stay missing.
Keypoints warp(const Keypoints& points, const PlaneMap& map);

/// Every point that is there lies on the picture.
bool all_inside(const Keypoints& points, const PictureShape& shape);

}  // namespace lineament
