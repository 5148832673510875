// An example to learn from: a row's face as a network wants it.
#pragma once
#include <cstdint>
#include <optional>
#include <span>

#include "data/augment/augment.h"

namespace lineament {

/// What all faces of a data set have in common.
struct FaceLayout {
  PictureShape shape;
  std::span<const int> mirror;  // of the keypoint set: one for each point
};

/// Room for one: the picture from 0 to 1, keypoints in halves of the longer side from the centre (data/picture_shape.h), 0 where
/// missing, and a mask, 1 where they are not: shape.values(), two for each point and as many.
struct Example {
  std::span<float> image, keypoints, mask;
};

/// The face as it is, or with `draws` a fresh one, drawn from `key` (augment_key).
void make_example(std::span<const uint8_t> pixels, const Keypoints& points, const FaceLayout& layout,
                  const std::optional<AugmentOptions>& draws, uint64_t key, const Example& out);

}  // namespace lineament
