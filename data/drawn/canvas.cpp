#include "data/drawn/canvas.h"

#include <cmath>

namespace lineament {
namespace {

/// Squared distance from the piece a b, and how far along it the nearest place lies.
std::pair<float, float> from_piece(Place a, Place b, Place at) {
  const Place along = b - a, to = at - a;
  const float square = along.x * along.x + along.y * along.y;
  const float t = square > 0 ? std::clamp((to.x * along.x + to.y * along.y) / square, 0.0f, 1.0f) : 0;
  const Place off = to - t * along;
  return {off.x * off.x + off.y * off.y, t};
}

/// 1 in the middle of a curve, 0 at its ends.
float fade(float along) { return std::min(1.0f, 5 * std::min(along, 1 - along)); }

}  // namespace

Curve smooth_curve(std::span<const Place> places, bool closed, int steps) {
  const int count = int(places.size()), pieces = closed ? count : count - 1;
  auto place = [&](int i) { return closed ? places[size_t(i + count) % count] : places[std::clamp(i, 0, count - 1)]; };
  Curve curve;
  curve.reserve(size_t(pieces) * steps + 1);
  for (int i = 0; i < pieces; ++i) {
    const Place a = place(i - 1), b = place(i), c = place(i + 1), d = place(i + 2);
    for (int k = 0; k < steps; ++k) {
      const float t = float(k) / float(steps), t2 = t * t, t3 = t2 * t;
      curve.push_back(0.5f * ((2 * b) + t * (c - a) + t2 * (2 * a - 5 * b + 4 * c - d) + t3 * (3 * b - a - 3 * c + d)));
    }
  }
  if (!closed) curve.push_back(places.back());
  return curve;
}

Curve moved(Curve curve, Place by) {
  for (Place& p : curve) p = p + by;
  return curve;
}

std::vector<float> crossings_of(const Curve& outline, float y) {
  std::vector<float> crossings;
  for (size_t i = 0, j = outline.size() - 1; i < outline.size(); j = i++) {
    const Place a = outline[j], b = outline[i];
    if ((a.y > y) != (b.y > y)) crossings.push_back(a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x));
  }
  return crossings;
}

Nearest nearest_on(const Curve& curve, Place at) {
  Nearest best = {1e9f, 0};
  for (size_t i = 0; i + 1 < curve.size(); ++i)
    if (auto [square, t] = from_piece(curve[i], curve[i + 1], at); square < best.distance)
      best = {square, (float(i) + t) / float(curve.size() - 1)};
  best.distance = std::sqrt(best.distance);
  return best;
}

Canvas::Canvas(float left, float top, float right, float bottom, float fine, float value)
    : left_(left),
      top_(top),
      fine_(fine),
      width_(int((right - left) * fine) + 1),
      height_(int((bottom - top) * fine) + 1),
      values_(size_t(width_) * height_, value) {}

float Canvas::at(float x, float y) const {
  const float u = std::clamp((x - left_) * fine_, 0.0f, float(width_) - 1.001f);
  const float v = std::clamp((y - top_) * fine_, 0.0f, float(height_) - 1.001f);
  const int column = int(u), row = int(v);
  const float* from = &values_[size_t(row) * width_ + column];
  const float right = u - float(column), down = v - float(row);
  return mix(mix(from[0], from[1], right), mix(from[width_], from[width_ + 1], right), down);
}

Canvas::Box Canvas::box(float left, float top, float right, float bottom) const {
  return {std::max(0, int((left - left_) * fine_)), std::max(0, int((top - top_) * fine_)),
          std::min(width_ - 1, int((right - left_) * fine_ + 1)),
          std::min(height_ - 1, int((bottom - top_) * fine_ + 1))};
}

Canvas::Box Canvas::box_of(std::span<const Place> places, float reach) const {
  Place low = places[0], high = places[0];
  for (Place p : places) {
    low = {std::min(low.x, p.x), std::min(low.y, p.y)};
    high = {std::max(high.x, p.x), std::max(high.y, p.y)};
  }
  return box(low.x - reach, low.y - reach, high.x + reach, high.y + reach);
}

std::vector<Nearest> Canvas::distances(const Curve& curve, bool closed, float reach, const Box& all) const {
  const int across = all.right - all.left + 1, down = all.bottom - all.top + 1;
  if (across <= 0 || down <= 0) return {};
  const float square_reach = reach * reach;
  std::vector<Nearest> near(size_t(across) * down, {square_reach, 0});
  const size_t pieces = closed ? curve.size() : curve.size() - 1;
  for (size_t k = 0; k < pieces; ++k) {
    const Place ends[] = {curve[k], curve[(k + 1) % curve.size()]}, along = ends[1] - ends[0];
    const float square = along.x * along.x + along.y * along.y, inverse = square > 0 ? 1 / square : 0;
    const Box box = box_of(ends, reach);
    for (int row = box.top; row <= box.bottom; ++row) {
      Nearest* best = &near[size_t(row - all.top) * across + (box.left - all.left)];
      for (int column = box.left; column <= box.right; ++column, ++best) {
        const Place to = place(column, row) - ends[0];
        const float t = std::clamp((to.x * along.x + to.y * along.y) * inverse, 0.0f, 1.0f);
        const Place off = to - t * along;
        if (const float away = off.x * off.x + off.y * off.y; away < best->distance)
          *best = {away, (float(k) + t) / float(pieces)};
      }
    }
  }
  for (Nearest& best : near) best.distance = best.distance < square_reach ? std::sqrt(best.distance) : reach;
  return near;
}

void Canvas::fill(const Curve& outline, float value, float opacity, float blur) {
  within(outline, blur,
         [=](float& texel, Place, float depth) { texel = mix(texel, value, opacity * covered(depth, blur)); });
}

void Canvas::stroke(const Curve& curve, float half_width, float value, float opacity, float blur) {
  beside(curve, half_width + blur, [=](float& texel, Place, Nearest near) {
    texel = mix(texel, value, opacity * covered(half_width * fade(near.along) - near.distance, blur));
  });
}

void Canvas::ridge(const Curve& curve, float half_width, float by) {
  beside(curve, half_width, [=](float& texel, Place, Nearest near) {
    const float r = near.distance / half_width, inside = 1 - r * r;
    texel += by * inside * inside * fade(near.along);
  });
}

void Canvas::bump(Place middle, float rx, float ry, float by) {
  const Box all = box(middle.x - rx, middle.y - ry, middle.x + rx, middle.y + ry);
  for (int row = all.top; row <= all.bottom; ++row) {
    for (int column = all.left; column <= all.right; ++column) {
      const Place at = place(column, row);
      const float u = (at.x - middle.x) / rx, v = (at.y - middle.y) / ry, inside = 1 - u * u - v * v;
      if (inside > 0) texel(column, row) += by * inside * inside;
    }
  }
}

}  // namespace lineament
