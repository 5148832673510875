// Discs and lines by coverage: how much of a pixel lies within a
// shape decides how much of its colour it takes.
#include "report/sheet.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace lineament {
namespace {

constexpr Colour kRim = {16, 16, 16}, kLink = {255, 216, 64};
constexpr float kRimWidth = 0.8f, kLinkWidth = 1;
constexpr uint8_t kPaper = 255;

struct Spot {
  float x, y;
};

Spot place(const Keypoints& points, int k, const PointStyle& style) {
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

}  // namespace

void draw_points(Picture& picture, const Keypoints& points, const PointStyle& style) {
  check(picture.channels == 3, "points are drawn in colour, on a picture of {} channels", picture.channels);
  for (int k = 0; k < kPoints; ++k) {
    Spot spot = place(points, k, style);
    if (!is_there(spot)) continue;
    paint(picture, spot, spot, style.radius + kRimWidth, kRim);
    paint(picture, spot, spot, style.radius, style.colour);
  }
}

void draw_links(Picture& picture, const Keypoints& from, const Keypoints& to, const PointStyle& style) {
  check(picture.channels == 3, "links are drawn in colour, on a picture of {} channels", picture.channels);
  for (int k = 0; k < kPoints; ++k) {
    Spot a = place(from, k, style), b = place(to, k, style);
    if (is_there(a) && is_there(b)) paint(picture, a, b, 0.5f * kLinkWidth, kLink);
  }
}

Picture sheet(const Faces& faces, std::span<const size_t> rows, std::span<const Keypoints> predictions,
              const SheetOptions& options) {
  check(!rows.empty(), "a sheet of no faces");
  check(predictions.empty() || predictions.size() == rows.size(), "{} predictions for {} rows",
        predictions.size(), rows.size());
  int columns = std::min(options.columns, int(rows.size())), side = kImageSize * options.scale;
  int lines = (int(rows.size()) + columns - 1) / columns, step = side + options.gap;
  Picture page = plain_picture(columns * step + options.gap, lines * step + options.gap, 3, kPaper);
  PointStyle truth{
      .radius = 0.8f * options.scale, .scale_x = float(options.scale), .scale_y = float(options.scale)};
  PointStyle guess = truth;
  guess.colour = kPredictionColour;
  for (size_t i = 0; i < rows.size(); ++i) {
    Picture tile = to_rgb(resize(face_picture(faces, rows[i]), side, side));
    const Keypoints& points = faces.keypoints[rows[i]];
    if (!predictions.empty()) draw_links(tile, points, predictions[i], truth);
    draw_points(tile, points, truth);
    if (!predictions.empty()) draw_points(tile, predictions[i], guess);
    int left = options.gap + int(i) % columns * step, top = options.gap + int(i) / columns * step;
    for (int y = 0; y < side; ++y) std::copy_n(&tile.at(0, y), 3 * side, &page.at(left, top + y));
  }
  return page;
}

}  // namespace lineament
