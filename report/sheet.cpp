#include "report/sheet.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "data/pictures/draw.h"

namespace lineament {
namespace {

constexpr uint8_t kPaper = 255;
constexpr int kTile = 192, kLargeTile = 288;  // px, of the longer side

/// How many times as large a face is on the sheet.
float scale_of_tiles(const Faces& faces, const SheetOptions& options) {
  if (options.scale > 0) return static_cast<float>(options.scale);
  const int side = std::max(faces.shape.width, faces.shape.height);
  const int tile = std::clamp(side, draws_lines(faces.set) ? kLargeTile : kTile, kLargeTile);
  return static_cast<float>(tile) / static_cast<float>(side);
}

}  // namespace

Picture sheet(const Faces& faces, std::span<const size_t> rows, std::span<const Keypoints> predictions,
              const SheetOptions& options) {
  check(!rows.empty(), "a sheet of no faces");
  check(predictions.empty() || predictions.size() == rows.size(), "{} predictions for {} rows",
        predictions.size(), rows.size());
  const PictureShape& shape = faces.shape;
  const float scale = scale_of_tiles(faces, options);
  const auto scaled = [&](int side) { return std::max(1, int(std::lround(scale * float(side)))); };
  const int width = scaled(shape.width), height = scaled(shape.height), gap = options.gap;
  const int columns = std::min(options.columns, int(rows.size())),
            lines = (int(rows.size()) + columns - 1) / columns;
  Picture page = plain_picture(columns * (width + gap) + gap, lines * (height + gap) + gap, 3, kPaper);
  const PointStyle truth{.radius = float(std::max(width, height)) / 120,
                         .scale_x = float(width) / float(shape.width),
                         .scale_y = float(height) / float(shape.height)};
  PointStyle guess = truth;
  guess.colour = kPredictionColour;
  for (size_t i = 0; i < rows.size(); ++i) {
    Picture tile = to_rgb(resize(face_picture(faces, rows[i]), width, height));
    const Keypoints& points = faces.keypoints[rows[i]];
    if (!predictions.empty()) draw_links(tile, points, predictions[i], truth);
    draw_keypoints(tile, points, faces.set, truth);
    if (!predictions.empty()) draw_keypoints(tile, predictions[i], faces.set, guess);
    const int left = gap + int(i) % columns * (width + gap), top = gap + int(i) / columns * (height + gap);
    for (int y = 0; y < height; ++y) std::copy_n(&tile.at(0, y), 3 * width, &page.at(left, top + y));
  }
  return page;
}

}  // namespace lineament
