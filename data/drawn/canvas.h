// A plane of brightness (or height) with a brush: filled outlines and strokes, each with a soft edge.
#pragma once
#include <algorithm>
#include <span>
#include <vector>

#include "data/drawn/vec3.h"

namespace lineament {

using Curve = std::vector<Place>;

/// Through all places, smooth (Catmull and Rom), `steps` pieces between two.
Curve smooth_curve(std::span<const Place> places, bool closed = false, int steps = 4);
/// The same moved aside.
Curve moved(Curve curve, Place by);

struct Nearest {
  float distance, along;  // along: 0 at the curve's start, 1 at its end
};
Nearest nearest_on(const Curve& curve, Place at);

/// Where a level line crosses a closed outline.
std::vector<float> crossings_of(const Curve& outline, float y);

/// 1 where `depth` is well inside, 0 where well outside: an edge 2 * `blur` px wide.
inline float covered(float depth, float blur) { return std::clamp(0.5f + 0.5f * depth / blur, 0.0f, 1.0f); }

class Canvas {
 public:
  /// From (left, top) to (right, bottom), `fine` texels a px, all of one value.
  Canvas(float left, float top, float right, float bottom, float fine, float value);

  int width() const { return width_; }
  int height() const { return height_; }
  Place place(int column, int row) const { return {left_ + float(column) / fine_, top_ + float(row) / fine_}; }
  float& texel(int column, int row) { return values_[size_t(row) * width_ + column]; }
  float texel(int column, int row) const { return values_[size_t(row) * width_ + column]; }
  /// Linear between texels, the edge's value beyond.
  float at(float x, float y) const;

  /// Calls paint(value, place, depth) for each texel within `reach` px of a closed outline or inside it. `depth` is how far
  /// inside it lies, in px: negative outside, `reach` at most.
  template <typename Paint>
  void within(const Curve& outline, float reach, Paint paint);
  /// Calls paint(value, place, nearest) for each texel within `reach` px of the curve.
  template <typename Paint>
  void beside(const Curve& curve, float reach, Paint paint);

  /// Covers an outline with one value.
  void fill(const Curve& outline, float value, float opacity = 1, float blur = 0.6f);
  /// Covers a stroke with one value, its ends thinned to nothing over the last fifths.
  void stroke(const Curve& curve, float half_width, float value, float opacity = 1, float blur = 0.6f);
  /// Adds a smooth ridge (or, by < 0, groove) along a curve, fading at its ends.
  void ridge(const Curve& curve, float half_width, float by);
  /// Adds (1 - r^2)^2 * by in an ellipse.
  void bump(Place middle, float rx, float ry, float by);

 private:
  struct Box {
    int left, top, right, bottom;
  };
  Box box(float left, float top, float right, float bottom) const;
  Box box_of(std::span<const Place> places, float reach) const;
  /// For the texels of a box, in rows: the nearest place of a curve where it is within reach, else a distance beyond it.
  std::vector<Nearest> distances(const Curve& curve, bool closed, float reach, const Box& box) const;

  float left_, top_, fine_;
  int width_, height_;
  std::vector<float> values_;
};

template <typename Paint>
void Canvas::within(const Curve& outline, float reach, Paint paint) {
  const Box all = box_of(outline, reach);
  const std::vector<Nearest> near = distances(outline, true, reach, all);
  size_t i = 0;
  for (int row = all.top; row <= all.bottom; ++row) {
    const std::vector<float> crossings = crossings_of(outline, place(0, row).y);
    for (int column = all.left; column <= all.right; ++column, ++i) {
      const Place at = place(column, row);
      const bool inside = std::ranges::count_if(crossings, [&](float x) { return x < at.x; }) % 2 == 1;
      const float distance = std::min(near[i].distance, reach);
      if (inside || distance < reach) paint(texel(column, row), at, inside ? distance : -distance);
    }
  }
}

template <typename Paint>
void Canvas::beside(const Curve& curve, float reach, Paint paint) {
  const Box all = box_of(curve, reach);
  const std::vector<Nearest> near = distances(curve, false, reach, all);
  size_t i = 0;
  for (int row = all.top; row <= all.bottom; ++row)
    for (int column = all.left; column <= all.right; ++column, ++i)
      if (near[i].distance < reach) paint(texel(column, row), place(column, row), near[i]);
}

}  // namespace lineament
