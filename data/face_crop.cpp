// Boxes round faces, as they are cut out.
#include "data/face_crop.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lineament {

std::optional<FaceBox> extent_of(std::span<const double> points) {
  double least[2], most[2];
  std::fill_n(least, 2, std::numeric_limits<double>::infinity());
  std::fill_n(most, 2, -std::numeric_limits<double>::infinity());
  bool any = false;
  for (size_t i = 0; i + 1 < points.size(); i += 2) {
    if (std::isnan(points[i]) || std::isnan(points[i + 1])) continue;
    any = true;
    for (size_t axis : {0, 1}) {
      least[axis] = std::min(least[axis], points[i + axis]);
      most[axis] = std::max(most[axis], points[i + axis]);
    }
  }
  if (!any) return {};
  return FaceBox{least[0], least[1], most[0] - least[0], most[1] - least[1]};
}

FaceBox with_margin(const FaceBox& box, float margin, const PictureShape& shape) {
  const double x = box.x + box.width / 2, y = box.y + box.height / 2;
  double width = box.width * (1 + double{margin}), height = box.height * (1 + double{margin});
  const double aspect = static_cast<double>(shape.width) / shape.height;
  if (width < height * aspect)
    width = height * aspect;
  else
    height = width / aspect;
  return {x - width / 2, y - height / 2, width, height};
}

}  // namespace lineament
