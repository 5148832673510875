// From light to bytes: lens, motion, grain, tones, compression, and crops that reach beyond their photographs.
#pragma once
#include <array>
#include <cstdint>

#include "data/contest.h"

namespace lineament {

struct Film {
  float blur = 0;                         // passes of a 3-tap filter
  float motion_x = 0, motion_y = 0;       // px that the picture moved meanwhile
  float sharpen = 0;                      // what scanners and cameras add
  float exposure = 0;                     // brightness that the middle of the picture is brought to; 0: as it is
  float gain = 1, offset = 0, gamma = 1;  // brightness' = offset + gain * brightness ^ gamma
  float grain = 0;                        // deviation of the noise, in 255ths
  float compression = 0;                  // step of its coefficients, in 255ths: 0 none, 30 blocks to be seen
  std::array<int, 4> beyond = {0, 0, 0,
                               0};  // px left, top, right, bottom where the photograph ended: its edge is repeated
  uint64_t texture = 1;             // seed of the grain
};

using Plane = std::array<float, contest::kPixels>;
std::array<uint8_t, contest::kPixels> develop(Plane plane, const Film& film);

}  // namespace lineament
