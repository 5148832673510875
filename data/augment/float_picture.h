// A picture as augmentation has it: floats from 0 to 1, changed in place.
#pragma once
#include <span>

#include "data/picture_shape.h"

namespace lineament {

struct FloatPicture {
  std::span<float> values;  // h w c
  PictureShape shape = {};

  float& at(int x, int y, int c) const { return values[(size_t(y) * shape.width + x) * shape.channels + c]; }
};

}  // namespace lineament
