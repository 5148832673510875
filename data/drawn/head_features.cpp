// Where a head's parameters put the ends and curves of its features.
#include "data/drawn/head_features.h"

#include <algorithm>
#include <cmath>

#include "base/dice.h"

namespace lineament {
namespace {

Eye eye_of(const Head& head, int side) {
  float sign = float(side);
  Eye eye;
  eye.middle = {sign * head.eye_x, 0};
  eye.half_width = head.eye_half_width;
  eye.rise = sign * head.eye_tilt;
  eye.inner = {eye.middle.x - sign * eye.half_width, head.eye_tilt};
  eye.outer = {eye.middle.x + sign * eye.half_width, -head.eye_tilt};
  eye.upper = 3.3f * head.eye_open - 1.2f * (1 - std::min(head.eye_open, 1.0f));
  eye.lower = 1.7f - 0.5f * std::max(head.smile, 0.0f);
  return eye;
}

Brow brow_of(const Head& head, int side) {
  float sign = float(side), y = head.brow_y - head.brow_lift[side > 0 ? 0 : 1];
  return {{sign * 8.5f, y + head.brow_slope},
          {sign * (8.5f + head.brow_length), y - head.brow_slope + 1.6f},
          head.brow_arch,
          head.brow_thickness};
}

Mouth mouth_of(const Head& head) {
  float up = std::max(head.smile, 0.0f);
  Mouth mouth;
  mouth.half_width = head.mouth_half_width + 3 * up - 2 * head.mouth_open * (1 - up);
  mouth.corner = head.mouth_y - 3.2f * head.smile + 2 * head.mouth_open;
  mouth.upper = head.mouth_y + 0.8f * head.smile - 0.6f * head.mouth_open;
  mouth.lower = mouth.upper + 10 * head.mouth_open;
  mouth.top = mouth.upper - head.lip_upper * (1 - 0.25f * up);
  mouth.bottom = mouth.lower + head.lip_lower * (1 - 0.2f * up);
  return mouth;
}

}  // namespace

float hair_depth(const Head& head, float x, float y, float cosine) {
  float behind = 20 * (-0.25f - cosine);  // 20: px to the side for a step of 1 in cosine, near the ears
  if (head.hair == Hair::kBald) return std::min(behind, 8 - y);
  float front = head.hairline - y;
  if (front < -40) {
    front = -40;
  } else {
    float side = std::abs(x) / head.half_width;
    front += head.fringe_slope * x - head.temples * smooth_step(0.25f, 0.6f, side);
    bool near = std::abs(front) < 12;  // further off, the jags change nothing
    if (near && head.hair != Hair::kCap)
      front += head.ragged * (smooth_noise(0.3f * x, 0, head.texture) - 0.5f);
  }
  if (head.hair == Hair::kCap) return std::max(front, std::min(behind, -y));
  float beside = 20 * ((head.hair == Hair::kLong ? 0.5f : 0.36f) - cosine);
  if (head.hair != Hair::kLong) beside = std::min(beside, 12 - y);
  return std::max({front, beside, behind});
}

Features features_of(const Head& head) {
  return {{eye_of(head, +1), eye_of(head, -1)}, {brow_of(head, +1), brow_of(head, -1)}, mouth_of(head)};
}

}  // namespace lineament
