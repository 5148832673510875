#include "data/augment.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "data/dice.h"
#include "data/filters.h"
#include "data/warp.h"
#include "tensor/check.h"
#include "tensor/random.h"

namespace lineament {
namespace {

constexpr float kCentre = (kImageSize - 1) / 2.0f;

float either_way(Dice& dice, float reach) { return dice.between(-reach, reach); }

/// Sheared, scaled and turned about the middle, then shifted.
PlaneMap drawn_map(const AugmentOptions& o, Dice& dice) {
  const float degrees = either_way(dice, o.rotation), size = 1 + either_way(dice, o.scale);
  const float dx = either_way(dice, o.shift), dy = either_way(dice, o.shift);
  const float shear_x = either_way(dice, o.shear), shear_y = either_way(dice, o.shear);
  const PlaneMap shape = {.a = size, .b = size * shear_x, .d = size * shear_y, .e = size};
  const PlaneMap about = then(shifted(-kCentre, -kCentre), then(shape, shifted(kCentre, kCentre)));
  return then(about, then(rotated(degrees, kCentre, kCentre), shifted(dx, dy)));
}

/// A point's name apart from its side: {"mouth_", "_corner"} of "mouth_left_corner".
struct Sided {
  std::string_view before, after;
  bool operator==(const Sided&) const = default;
};
constexpr Sided without(std::string_view side, std::string_view name) {
  const size_t at = name.find(side);
  if (at == name.npos) return {};
  return {name.substr(0, at), name.substr(at + side.size())};
}

/// For each point the one that its mirror image is called.
constexpr std::array<int, kPoints> mirror_names() {
  std::array<int, kPoints> mirror{};
  for (int k = 0; k < kPoints; ++k) mirror[k] = k;
  for (int k = 0; k < kPoints; ++k)
    for (int other = 0; other < kPoints; ++other)
      if (const Sided left = without("left", point_name(k));
          left != Sided{} && left == without("right", point_name(other)))
        mirror[k] = other, mirror[other] = k;
  return mirror;
}

}  // namespace

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

uint64_t augment_key(uint64_t seed, int epoch, uint32_t row) {
  const uint64_t key = stream_key(stream_key(seed, fnv1a64("augment")), static_cast<uint64_t>(epoch));
  return stream_key(key, row);
}

void augment(std::span<float> picture, Keypoints& points, const AugmentOptions& o, uint64_t key) {
  Dice dice(key, 0);
  const PlaneMap map = drawn_map(o, dice);
  const bool mirror = dice.chance(o.flip);
  const Tone tone = {.brightness = either_way(dice, o.brightness),
                     .contrast = 1 + either_way(dice, o.contrast),
                     .gamma = std::pow(1 + o.gamma, either_way(dice, 1))};
  const float deviation = dice.between(0, o.noise);
  const bool blurs = dice.chance(o.blur);
  const float sigma = 0.3f + dice.between(0, kBlurSigma - 0.3f);
  const bool erases = dice.chance(o.erase);
  constexpr float kMostSide = kImageSize / 3.0f;
  const Box box = {int(dice.between(0, kImageSize)), int(dice.between(0, kImageSize)),
                   1 + int(dice.between(0, kMostSide)), 1 + int(dice.between(0, kMostSide))};
  const float box_tone = dice.between(0, 1);

  std::array<float, kPixels> moved;
  warp(picture, map, Beyond::edge, moved);
  std::ranges::copy(moved, picture.begin());
  points = warp(points, map);
  if (mirror) {
    flip(picture);
    points = flipped(points);
  }
  set_tone(picture, tone);
  if (blurs) blur(picture, sigma);
  if (deviation > 0) add_noise(picture, deviation, dice.bits());
  if (erases) erase(picture, box, box_tone);
  for (int k = 0; k < kCoordinates; k += 2)
    if (!inside(points[k]) || !inside(points[k + 1])) points[k] = points[k + 1] = kMissing;
}

void flip(std::span<float> picture) {
  for (int y = 0; y < kImageSize; ++y)
    std::reverse(picture.begin() + y * kImageSize, picture.begin() + (y + 1) * kImageSize);
}

Keypoints flipped(const Keypoints& points) {
  static constexpr auto kMirror = mirror_names();
  Keypoints out;
  for (int k = 0; k < kPoints; ++k) {
    out[2 * k] = kImageSize - 1 - points[2 * kMirror[k]];
    out[2 * k + 1] = points[2 * kMirror[k] + 1];
  }
  return out;
}

}  // namespace lineament
