// What lies behind: a wall with light, grain and shapes on it.
#pragma once
#include <cstdint>

#include "data/drawn/canvas.h"

namespace lineament {

struct Backdrop {
  float tone = 0.4f, slope_x = 0, slope_y = 0;  // brightness at the middle; change across the picture
  float coarse = 0.1f, fine = 0.05f;            // of the noise: leaves, crowds, plaster
  int shapes = 0;                               // boxes and discs
  float stripes = 0, stripe_angle = 0, stripe_width = 8;
  float soft = 1;  // blur of the edges, in px
  uint64_t texture = 1;
};

void draw_backdrop(Canvas& picture, const Backdrop& backdrop);

}  // namespace lineament
