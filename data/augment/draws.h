// All that is drawn for one fresh face, and where its points go: from (seed, epoch, row) alone, on the CPU and on CUDA.
#pragma once
#include <cstdint>

#include "base/dice.h"
#include "data/augment/filters.h"
#include "data/augment/plane_map.h"
#include "data/keypoint_set.h"

namespace lineament {

/// How far each draw may go; zero leaves it out. Defaults are of one strength that suits upright faces.
struct AugmentOptions {
  float rotation = 15;      // degrees, either way
  float scale = 0.15f;      // share, either way
  float shift = 6;          // px along each axis, either way
  float shear = 0.08f;      // of one axis by the other, either way
  float flip = 0.5f;        // probability of a mirror image, left and right names exchanged
  float brightness = 0.2f;  // of 1, either way
  float contrast = 0.3f;    // share, either way
  float gamma = 0.3f;       // exponent from 1 / (1 + gamma) to 1 + gamma
  float noise = 0.03f;      // largest standard deviation
  float blur = 0.2f;        // probability of a blur, its sigma up to kBlurSigma
  float erase = 0.2f;       // probability of a box of one tone, up to a third of the picture a side
  bool operator==(const AugmentOptions&) const = default;
};

/// One row's draws are random_bits of this key.
constexpr uint64_t augment_key(uint64_t seed, uint64_t epoch, uint64_t row) {
  constexpr uint64_t kStream = fnv1a64("augment");
  return stream_key(stream_key(stream_key(seed, kStream), epoch), row);
}

/// Done to a picture in this order.
struct Draws {
  PlaneMap map;
  bool mirror;
  Tone tone;
  bool blurs;
  float sigma;
  float deviation;  // of the noise; 0: none
  uint64_t noise_key;
  bool erases;
  Box box;
  float box_tone;
};

LINEAMENT_DEVICE_TOO inline float either_way(Dice& dice, float reach) { return dice.between(-reach, reach); }

/// Sheared, scaled and turned about the middle, then shifted.
LINEAMENT_DEVICE_TOO inline PlaneMap drawn_map(const AugmentOptions& o, const PictureShape& picture, Dice& dice) {
  const float centre_x = float(picture.width - 1) / 2, centre_y = float(picture.height - 1) / 2;
  const float degrees = either_way(dice, o.rotation), size = 1 + either_way(dice, o.scale);
  const float dx = either_way(dice, o.shift), dy = either_way(dice, o.shift);
  const float shear_x = either_way(dice, o.shear), shear_y = either_way(dice, o.shear);
  const PlaneMap shape = {.a = size, .b = size * shear_x, .d = size * shear_y, .e = size};
  const PlaneMap about = then(shifted(-centre_x, -centre_y), then(shape, shifted(centre_x, centre_y)));
  return then(about, then(rotated(degrees, centre_x, centre_y), shifted(dx, dy)));
}

LINEAMENT_DEVICE_TOO inline Draws draws_of(const AugmentOptions& o, const PictureShape& picture, uint64_t key) {
  constexpr float kLeastSigma = 0.3f;
  const float width = float(picture.width), height = float(picture.height);
  Dice dice(key, 0);
  Draws d;
  d.map = drawn_map(o, picture, dice);
  d.mirror = dice.chance(o.flip);
  d.tone.brightness = either_way(dice, o.brightness);
  d.tone.contrast = 1 + either_way(dice, o.contrast);
  d.tone.gamma = std::pow(1 + o.gamma, either_way(dice, 1));
  d.deviation = dice.between(0, o.noise);
  d.blurs = dice.chance(o.blur);
  d.sigma = kLeastSigma + dice.between(0, kBlurSigma - kLeastSigma);
  d.erases = dice.chance(o.erase);
  d.box.x = int(dice.between(0, width));
  d.box.y = int(dice.between(0, height));
  d.box.width = 1 + int(dice.between(0, width / 3));
  d.box.height = 1 + int(dice.between(0, height / 3));
  d.box_tone = dice.between(0, 1);
  d.noise_key = dice.bits();
  return d;
}

struct DrawnPoint {
  float x, y;
};
/// Where point `k` of a fresh face lies: missing where it was, where it leaves the picture, or where the
/// mirror image has no such point. `points` are those of the face, `mirror` is its set's.
template <class Index>
LINEAMENT_DEVICE_TOO inline DrawnPoint drawn_point(const float* points, const Index* mirror, int k, const PictureShape& picture,
                                                   const Draws& d) {
  const int from = d.mirror ? int(mirror[k]) : k;
  if (from < 0) return {kMissing, kMissing};
  const float x = points[2 * from], y = points[2 * from + 1];
  DrawnPoint place{d.map.x(x, y), d.map.y(x, y)};
  if (d.mirror) place.x = float(picture.width - 1) - place.x;
  if (!inside(picture, place.x, place.y)) place = {kMissing, kMissing};
  return place;
}

}  // namespace lineament
