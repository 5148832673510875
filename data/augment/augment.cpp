#include "data/augment/augment.h"

#include <algorithm>
#include <vector>

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
  within("shift", o.shift, PictureShape::kMost);
  within("shear", o.shear, 0.5f);
  within("flip", o.flip, 1);
  within("brightness", o.brightness, 1);
  within("contrast", o.contrast, 1);
  within("gamma", o.gamma, 3);
  within("noise", o.noise, 1);
  within("blur", o.blur, 1);
  within("erase", o.erase, 1);
}

void augment(const FloatPicture& picture, Keypoints& points, std::span<const int> mirror, const AugmentOptions& options,
             uint64_t key) {
  const Draws d = draws_of(options, picture.shape, key);
  std::vector<float> moved(picture.values.size());
  warp(picture.values, picture.shape, d.map, Beyond::edge, moved);
  std::ranges::copy(moved, picture.values.begin());
  if (d.mirror) flip(picture);
  set_tone(picture.values, d.tone);
  if (d.blurs) blur(picture, d.sigma);
  if (d.deviation > 0) add_noise(picture.values, d.deviation, d.noise_key);
  if (d.erases) erase(picture, d.box, d.box_tone);
  const Keypoints before = points;
  for (int k = 0; k < static_cast<int>(mirror.size()); ++k) {
    const DrawnPoint place = drawn_point(before.data(), mirror.data(), k, picture.shape, d);
    points[2 * k] = place.x, points[2 * k + 1] = place.y;
  }
}

void flip(const FloatPicture& picture) {
  const auto [height, width, channels] = picture.shape;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width / 2; ++x)
      for (int c = 0; c < channels; ++c) std::swap(picture.at(x, y, c), picture.at(width - 1 - x, y, c));
}

Keypoints flipped(const Keypoints& points, const PictureShape& shape, std::span<const int> mirror) {
  Keypoints out(points.size());
  for (size_t k = 0; k < mirror.size(); ++k) {
    const int from = mirror[k];
    out[2 * k] = from < 0 ? kMissing : static_cast<float>(shape.width - 1) - points[2 * from];
    out[2 * k + 1] = from < 0 ? kMissing : points[2 * from + 1];
  }
  return out;
}

}  // namespace lineament
