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

/// How far inside a closed outline a place lies, in px: negative outside.
float depth_within(const Curve& outline, Place at);

struct Nearest {
  float distance, along;  // along: 0 at the curve's start, 1 at its end
};
Nearest nearest_on(const Curve& curve, Place at);

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

  /// Calls paint(value, place, depth) for each texel within `reach` px of the outline or inside it.
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
  template <typename Each>
  void in_box(float x0, float y0, float x1, float y1, Each each) {
    const int left = std::max(0, int((x0 - left_) * fine_)), right = std::min(width_ - 1, int((x1 - left_) * fine_ + 1));
    const int top = std::max(0, int((y0 - top_) * fine_)), bottom = std::min(height_ - 1, int((y1 - top_) * fine_ + 1));
    for (int row = top; row <= bottom; ++row)
      for (int column = left; column <= right; ++column) each(texel(column, row), place(column, row));
  }
  template <typename Each>
  void in_box_of(const Curve& curve, float reach, Each each) {
    if (curve.empty()) return;
    Place low = curve[0], high = curve[0];
    for (Place p : curve) {
      low = {std::min(low.x, p.x), std::min(low.y, p.y)};
      high = {std::max(high.x, p.x), std::max(high.y, p.y)};
    }
    in_box(low.x - reach, low.y - reach, high.x + reach, high.y + reach, each);
  }

  float left_, top_, fine_;
  int width_, height_;
  std::vector<float> values_;
};

template <typename Paint>
void Canvas::within(const Curve& outline, float reach, Paint paint) {
  in_box_of(outline, reach, [&](float& value, Place at) {
    if (const float depth = depth_within(outline, at); depth > -reach) paint(value, at, depth);
  });
}

template <typename Paint>
void Canvas::beside(const Curve& curve, float reach, Paint paint) {
  in_box_of(curve, reach, [&](float& value, Place at) {
    if (const Nearest near = nearest_on(curve, at); near.distance < reach) paint(value, at, near);
  });
}

}  // namespace lineament
