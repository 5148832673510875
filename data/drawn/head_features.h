// Eyes, brows, mouth and hairline as curves on the front of a head:
// outlines for the brush, ends for the keypoints.
#pragma once
#include "data/drawn/head.h"

namespace lineament {

struct Place {
  float x, y;
};

/// Lids are parabolas over s in [-1, 1] from the right end of the eye to its left, the corners at both ends.
struct Eye {
  Place middle;  // halfway between the corners
  Place inner, outer;
  float half_width;
  float rise;          // by how much the lids climb from s = 0 to s = 1
  float upper, lower;  // how far the lids stand off the line between the corners, at s = 0

  float along(float x) const { return (x - middle.x) / half_width; }
  float upper_lid(float s) const { return middle.y - rise * s - upper * (1 - s * s); }
  float lower_lid(float s) const { return middle.y - rise * s + lower * (1 - s * s); }
  /// The middle of the opening.
  Place centre() const { return {middle.x, middle.y + 0.5f * (lower - upper)}; }
};

/// An arched stroke from its inner end, s = 0, to its outer, s = 1.
struct Brow {
  Place inner, outer;
  float arch, thickness;

  float along(float x) const { return (x - inner.x) / (outer.x - inner.x); }
  float line(float s) const { return inner.y + (outer.y - inner.y) * s - arch * 4 * s * (1 - s); }
};

/// Four parabolas that meet in the corners: top of the upper lip, its lower edge, the lower lip's upper edge,
/// its bottom. `top` ... `bottom` are their heights in the middle.
struct Mouth {
  float half_width, corner;
  float top, upper, lower, bottom;

  float curve(float s, float middle) const { return corner + (middle - corner) * (1 - s * s); }
};

/// Of pairs, the person's left comes first: the one at larger x.
struct Features {
  Eye eyes[2];
  Brow brows[2];
  Mouth mouth;
};
Features features_of(const Head& head);

/// How far above the edge of the hair (or cap) a place lies, in px: negative on bare skin.
float hair_depth(const Head& head, float x, float y, float cosine);

/// 0 below `low`, 1 above `high`, smooth between.
inline float smooth_step(float low, float high, float v) {
  float t = (v - low) / (high - low);
  t = t < 0 ? 0 : t > 1 ? 1 : t;
  return t * t * (3 - 2 * t);
}

}  // namespace lineament
