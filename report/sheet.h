// Keypoints drawn on pictures, and many faces on one sheet.
#pragma once
#include <span>

#include "data/faces.h"
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
  float scale_x = 1, scale_y = 1, offset_x = 0, offset_y = 0;
};

/// A disc with a dark rim at each point, placed to a fraction of a pixel; missing points are left out.
/// `picture` is RGB.
void draw_points(Picture& picture, const Keypoints& points, const PointStyle& style = {});

/// A thin line from each point to its counterpart, where neither is missing. `picture` is RGB.
void draw_links(Picture& picture, const Keypoints& from, const Keypoints& to, const PointStyle& style = {});

struct SheetOptions {
  int columns = 6;
  int scale = 2;  // each face is enlarged so many times
  int gap = 6;    // px between faces
};

/// The faces of `rows` in a grid with their keypoints drawn on, green. `predictions`, none or one for each of
/// `rows`, are drawn in orange, a line joining each to the truth.
Picture sheet(const Faces& faces, std::span<const size_t> rows, std::span<const Keypoints> predictions = {},
              const SheetOptions& options = {});

}  // namespace lineament
