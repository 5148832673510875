// The shape of a picture that a network takes, and the unit that it answers in.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/device_too.h"

namespace lineament {

/// A property of a data set, a network and its checkpoint. Row-major, h w c.
struct PictureShape {
  static constexpr int kLeast = 32, kMost = 512;  // of height and width, in px

  int height = 96, width = 96;
  int channels = 1;  // 1: grey, 3: RGB

  LINEAMENT_DEVICE_TOO int pixels() const { return height * width; }
  LINEAMENT_DEVICE_TOO size_t values() const { return static_cast<size_t>(pixels()) * static_cast<size_t>(channels); }
  bool operator==(const PictureShape&) const = default;

  // Coordinate c of a face (even: x, odd: y) as networks answer it, from the centre in halves of the longer side, and as
  // people read it: px = centre + half * y. The same unit along both axes, so that a squared error is one in px too.
  LINEAMENT_DEVICE_TOO float half() const { return static_cast<float>(height > width ? height : width) / 2; }
  LINEAMENT_DEVICE_TOO float centre(int c) const { return static_cast<float>(c % 2 ? height : width) / 2; }
  LINEAMENT_DEVICE_TOO float to_pixels(int c, float y) const { return centre(c) + half() * y; }
  LINEAMENT_DEVICE_TOO float from_pixels(int c, float px) const { return (px - centre(c)) / half(); }
};

/// Brightness from 0 to 255 as 0 to 1.
LINEAMENT_DEVICE_TOO constexpr float to_unit(uint8_t pixel) { return static_cast<float>(pixel) / 255.0f; }

/// "96x96, grey": width first, as people say it.
std::string to_string(const PictureShape& shape);
/// InputError, by `source`, where a side or the number of channels is not one that networks take.
void validate(const PictureShape& shape);

}  // namespace lineament
