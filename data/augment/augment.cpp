#include "data/augment/augment.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "data/augment/filters.h"
#include "data/augment/warp.h"

namespace lineament {

void validate(const AugmentOptions& o) {
  const auto within = [](const char* key, float value, float most) {
    if (!(value >= 0 && value <= most)) fail_input("augment.{} {}: expected 0 to {}", key, value, most);
  };
  within("rotation", o.rotation, 180);
  within("scale", o.scale, 0.9f);
  within("shift", o.shift, kImageSize);
  within("shear", o.shear, 0.5f);
  within("flip", o.flip, 1);
  within("brightness", o.brightness, 1);
  within("contrast", o.contrast, 1);
  within("gamma", o.gamma, 3);
  within("noise", o.noise, 1);
  within("blur", o.blur, 1);
  within("erase", o.erase, 1);
}

void augment(std::span<float> picture, Keypoints& points, const AugmentOptions& options, uint64_t key) {
  const Draws d = draws_of(options, key);
  std::array<float, kPixels> moved;
  warp(picture, d.map, Beyond::edge, moved);
  std::ranges::copy(moved, picture.begin());
  if (d.mirror) flip(picture);
  set_tone(picture, d.tone);
  if (d.blurs) blur(picture, d.sigma);
  if (d.deviation > 0) add_noise(picture, d.deviation, d.noise_key);
  if (d.erases) erase(picture, d.box, d.box_tone);
  const Keypoints before = points;
  for (int k = 0; k < kPoints; ++k) {
    const DrawnPoint place = drawn_point(before.data(), k, d);
    points[2 * k] = place.x, points[2 * k + 1] = place.y;
  }
}

void flip(std::span<float> picture) {
  for (int y = 0; y < kImageSize; ++y)
    std::reverse(picture.begin() + y * kImageSize, picture.begin() + (y + 1) * kImageSize);
}

Keypoints flipped(const Keypoints& points) {
  Keypoints out;
  for (int k = 0; k < kPoints; ++k) {
    out[2 * k] = kImageSize - 1 - points[2 * mirror_of(k)];
    out[2 * k + 1] = points[2 * mirror_of(k) + 1];
  }
  return out;
}

}  // namespace lineament
