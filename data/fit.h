// Faces in pictures of another shape: each picture whole, its edges replicated where the aspects differ.
#pragma once
#include "data/face_crop.h"
#include "data/faces.h"

namespace lineament {

/// How pictures of one shape come to lie in those of another.
CropMap fit_map(const PictureShape& from, const PictureShape& to);

/// Points of the picture that a box was cut out to, in px of the photograph.
Keypoints to_photograph(const CropMap& map, const Keypoints& points);

/// The same faces, pictures and points, in pictures of `shape`; grey and RGB become each other.
Faces fitted(const Faces& faces, const PictureShape& shape);

}  // namespace lineament
