// Where the places of a head lie in space. The drawn triangles and the
// keypoints both ask here, so the points are exact.
#pragma once
#include <array>

#include "data/drawn/head_features.h"
#include "data/drawn/vec3.h"
#include "data/contest.h"

namespace lineament {

/// The head cut level at one height: an ellipse of these half axes, which the features lift in front.
struct Section {
  float y, half_width, depth;
};
Section section(const Head& head, float y);

/// The point of the skin (or of the hair over it) at the angle with
/// this sine and cosine; 0 is straight ahead.
Vec3 surface(const Head& head, const Features& features, const Section& at, float sine, float cosine);

/// Where one that looks from straight ahead sees (x, y).
Vec3 face_point(const Head& head, const Features& features, float x, float y);

/// The fifteen keypoints in space, in the contest's order.
std::array<Vec3, contest::kPoints> keypoints_of(const Head& head);

}  // namespace lineament
