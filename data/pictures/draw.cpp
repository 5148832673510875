// Discs and lines by coverage: how much of a pixel lies within a
// shape decides how much of its colour it takes.
#include "data/pictures/draw.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace lineament {
namespace {

constexpr Colour kRimColour = {16, 16, 16}, kLinkColour = {255, 216, 64};
constexpr float kLinkWidth = 1;
constexpr float kSmallDot = 0.65f, kSmallRim = 0.5f;  // of large sets

struct Spot {
  float x, y;
};

Spot place(const Keypoints& points, size_t k, const PointStyle& style) {
  return {(points[2 * k] + 0.5f) * style.scale_x - 0.5f + style.offset_x,
          (points[2 * k + 1] + 0.5f) * style.scale_y - 0.5f + style.offset_y};
}

bool is_there(Spot s) { return std::isfinite(s.x) && std::isfinite(s.y); }

float distance_to_segment(float x, float y, Spot a, Spot b) {
  float dx = b.x - a.x, dy = b.y - a.y, squared = dx * dx + dy * dy;
  float t = squared > 0 ? std::clamp(((x - a.x) * dx + (y - a.y) * dy) / squared, 0.0f, 1.0f) : 0;
  return std::hypot(x - a.x - t * dx, y - a.y - t * dy);
}

/// Paints what lies within `reach` of the segment from a to b; of a disc both are its centre.
void paint(Picture& picture, Spot a, Spot b, float reach, Colour colour) {
  auto clip = [](float v, int size) { return int(std::clamp(v, 0.0f, float(size - 1))); };
  int left = clip(std::min(a.x, b.x) - reach - 1, picture.width);
  int right = clip(std::max(a.x, b.x) + reach + 2, picture.width);
  int top = clip(std::min(a.y, b.y) - reach - 1, picture.height);
  int bottom = clip(std::max(a.y, b.y) + reach + 2, picture.height);
  const uint8_t rgb[3] = {colour.r, colour.g, colour.b};
  for (int y = top; y <= bottom; ++y) {
    for (int x = left; x <= right; ++x) {
      float cover = std::clamp(reach + 0.5f - distance_to_segment(float(x), float(y), a, b), 0.0f, 1.0f);
      for (int c = 0; c < 3 && cover > 0; ++c) {
        uint8_t& pixel = picture.at(x, y, c);
        pixel = uint8_t(std::lround(pixel + cover * (float(rgb[c]) - float(pixel))));
      }
    }
  }
}

void check_colour(const Picture& picture, const char* what) {
  check(picture.channels == 3, "{} are drawn in colour, on a picture of {} channels", what, picture.channels);
}

}  // namespace

void draw_points(Picture& picture, const Keypoints& points, const PointStyle& style) {
  check_colour(picture, "points");
  for (size_t k = 0; k < points.size() / 2; ++k) {
    Spot spot = place(points, k, style);
    if (!is_there(spot)) continue;
    paint(picture, spot, spot, style.radius + style.rim, kRimColour);
    paint(picture, spot, spot, style.radius, style.colour);
  }
}

void draw_lines(Picture& picture, const Keypoints& points, std::span<const std::array<int, 2>> lines,
                const PointStyle& style) {
  check_colour(picture, "lines");
  for (const auto& [from, to] : lines) {
    Spot a = place(points, size_t(from), style), b = place(points, size_t(to), style);
    if (is_there(a) && is_there(b)) paint(picture, a, b, 0.35f * style.radius, style.colour);
  }
}

void draw_links(Picture& picture, const Keypoints& from, const Keypoints& to, const PointStyle& style) {
  check_colour(picture, "links");
  check(from.size() == to.size(), "links between {} coordinates and {}", from.size(), to.size());
  for (size_t k = 0; k < from.size() / 2; ++k) {
    Spot a = place(from, k, style), b = place(to, k, style);
    if (is_there(a) && is_there(b)) paint(picture, a, b, 0.5f * kLinkWidth, kLinkColour);
  }
}

void draw_keypoints(Picture& picture, const Keypoints& points, const KeypointSet& set,
                    const PointStyle& style) {
  if (!draws_lines(set)) return draw_points(picture, points, style);
  PointStyle small = style;
  small.radius *= kSmallDot, small.rim *= kSmallRim;
  draw_lines(picture, points, set.lines, small);
  draw_points(picture, points, small);
}

}  // namespace lineament
