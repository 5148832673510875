// A fresh face from every row and epoch: moved, mirrored, lit, blurred and covered, drawn from (seed, epoch, row) alone.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "data/faces.h"

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
};

/// InputError in one line for the first that makes no sense, by its key ("augment.flip").
void validate(const AugmentOptions& options);

/// One row's draws are random_bits of this key.
uint64_t augment_key(uint64_t seed, int epoch, uint32_t row);

/// `picture` (96x96, 0 to 1) and `points` of one face, changed in place. Points that leave the picture are missing
/// afterwards; those that were stay so.
void augment(std::span<float> picture, Keypoints& points, const AugmentOptions& options, uint64_t key);

/// The mirror image: x to 95 - x, "left_eye_center" to "right_eye_center".
void flip(std::span<float> picture);
Keypoints flipped(const Keypoints& points);

}  // namespace lineament
