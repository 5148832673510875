// Keypoints drawn into pictures.
#pragma once
#include <array>
#include <span>

#include "data/keypoint_set.h"
#include "data/pictures/picture.h"

namespace lineament {

struct Colour {
  uint8_t r, g, b;
};
inline constexpr Colour kTruthColour = {48, 220, 96};
inline constexpr Colour kPredictionColour = {255, 88, 24};

/// How points are drawn, and where: coordinate v of the face lies at
/// (v + 0.5) * scale - 0.5 + offset in the picture.
struct PointStyle {
  Colour colour = kTruthColour;
  float radius = 2;  // px of the picture
  float rim = 0.8f;  // px around it
  float scale_x = 1, scale_y = 1, offset_x = 0, offset_y = 0;
};

/// Whether a set has so many points that dots alone are a cloud: its lines are drawn too, and the dots smaller.
inline bool draws_lines(const KeypointSet& set) { return set.size() > 20; }

// `picture` is RGB in all of them; what is missing is left out.

/// A disc with a dark rim at each point, placed to a fraction of a pixel.
void draw_points(Picture& picture, const Keypoints& points, const PointStyle& style = {});

/// A thin line between the two points of each of `lines`, in the points' colour.
void draw_lines(Picture& picture, const Keypoints& points, std::span<const std::array<int, 2>> lines,
                const PointStyle& style = {});

/// A thin line from each point to its counterpart.
void draw_links(Picture& picture, const Keypoints& from, const Keypoints& to, const PointStyle& style = {});

/// Points of a set as suits it: dots, or smaller dots upon its lines.
void draw_keypoints(Picture& picture, const Keypoints& points, const KeypointSet& set,
                    const PointStyle& style = {});

}  // namespace lineament
