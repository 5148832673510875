// A fresh face from every row and epoch: moved, mirrored, lit, blurred and covered, as draws.h draws it.
#pragma once
#include <cstdint>
#include <span>

#include "data/augment/draws.h"
#include "data/augment/float_picture.h"
#include "data/keypoint_set.h"

namespace lineament {

/// InputError in one line for the first that makes no sense, by its key ("augment.flip").
void validate(const AugmentOptions& options);

/// `picture` and `points` of one face, changed in place; `mirror` is its keypoint set's. Points that leave the picture are
/// missing afterwards; those that were stay so.
void augment(const FloatPicture& picture, Keypoints& points, std::span<const int> mirror, const AugmentOptions& options,
             uint64_t key);

/// The mirror image: x to width - 1 - x, "left_eye_center" to "right_eye_center".
void flip(const FloatPicture& picture);
/// Points that have no partner are missing.
Keypoints flipped(const Keypoints& points, const PictureShape& shape, std::span<const int> mirror);

}  // namespace lineament
