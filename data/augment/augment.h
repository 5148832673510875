// A fresh face from every row and epoch: moved, mirrored, lit, blurred and covered, as draws.h draws it.
#pragma once
#include <cstdint>
#include <span>

#include "data/augment/draws.h"

namespace lineament {

/// InputError in one line for the first that makes no sense, by its key ("augment.flip").
void validate(const AugmentOptions& options);

/// `picture` (96x96, 0 to 1) and `points` of one face, changed in place. Points that leave the picture are missing
/// afterwards; those that were stay so.
void augment(std::span<float> picture, Keypoints& points, const AugmentOptions& options, uint64_t key);

/// The mirror image: x to 95 - x, "left_eye_center" to "right_eye_center".
void flip(std::span<float> picture);
Keypoints flipped(const Keypoints& points);

}  // namespace lineament
