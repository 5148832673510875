#include "data/fit.h"

#include <algorithm>

#include "base/check.h"
#include "base/memory.h"
#include "data/pictures/picture.h"

namespace lineament {

CropMap fit_map(const PictureShape& from, const PictureShape& to) {
  const FaceBox whole{-0.5, -0.5, static_cast<double>(from.width), static_cast<double>(from.height)};
  return {with_margin(whole, 0, to), to};
}

Keypoints to_photograph(const CropMap& map, const Keypoints& points) {
  Keypoints places(points.size());
  for (size_t c = 0; c < points.size(); c += 2) {  // NaN stays NaN
    places[c] = static_cast<float>(map.photo_x(points[c]));
    places[c + 1] = static_cast<float>(map.photo_y(points[c + 1]));
  }
  return places;
}

Faces fitted(const Faces& faces, const PictureShape& shape) {
  const CropMap map = fit_map(faces.shape, shape);
  require_memory(faces.size(), static_cast<double>(shape.values()), fmt::format("pictures of {}", to_string(shape)),
                 fmt::format("{} of them", faces.size()));
  Faces out{.set = faces.set, .shape = shape};
  out.add_rows(faces.size());
  out.ids = faces.ids;
  out.names = faces.names;
  for (size_t row = 0; row < faces.size(); ++row) {
    const Picture picture = face_picture(faces, row), coloured = shape.channels == 1 ? to_grey(picture) : to_rgb(picture);
    std::ranges::copy(cut(coloured, map.box, shape.width, shape.height).pixels, out.image(row).begin());
    for (size_t c = 0; c < out.keypoints[row].size(); c += 2) {  // NaN stays NaN
      out.keypoints[row][c] = static_cast<float>(map.x(faces.keypoints[row][c]));
      out.keypoints[row][c + 1] = static_cast<float>(map.y(faces.keypoints[row][c + 1]));
    }
  }
  return out;
}

}  // namespace lineament
