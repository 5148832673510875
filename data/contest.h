// The numbers of the contest (facial-keypoints-detection): what its files hold, and the drawn faces after them.
#pragma once
#include "data/keypoint_set.h"
#include "data/picture_shape.h"

namespace lineament::contest {

inline constexpr int kSide = 96;                // px; its pictures are grey
inline constexpr int kPixels = kSide * kSide;  // 9,216
inline constexpr int kValues = kPixels;         // of a picture, one a pixel: bytes in Faces, floats in a Batch
inline constexpr int kPoints = 15;              // of contest15()
inline constexpr int kCoordinates = 2 * kPoints;
inline constexpr PictureShape kShape{kSide, kSide, 1};

}  // namespace lineament::contest
