#include "data/picture_shape.h"

#include "base/check.h"

namespace lineament {

std::string to_string(const PictureShape& shape) {
  return fmt::format("{}x{}, {}", shape.width, shape.height, shape.channels == 1 ? "grey" : "RGB");
}

void validate(const PictureShape& shape) {
  for (const auto& [key, side] : {std::pair{"picture.width", shape.width}, {"picture.height", shape.height}})
    if (side < PictureShape::kLeast || side > PictureShape::kMost)
      fail_input("{} {}: expected {} to {} px", key, side, PictureShape::kLeast, PictureShape::kMost);
  if (shape.channels != 1 && shape.channels != 3)
    fail_input("picture.channels {}: expected 1 (grey) or 3 (RGB)", shape.channels);
}

}  // namespace lineament
