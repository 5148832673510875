// Many faces on one sheet, their keypoints drawn on.
#pragma once
#include <span>

#include "data/faces.h"
#include "data/pictures/picture.h"

namespace lineament {

struct SheetOptions {
  int columns = 6;
  int scale = 0;  // each face is enlarged so many times; 0: to 192 px, of large sets and pictures 288
  int gap = 6;  // px between faces
};

/// The faces of `rows` in a grid with their keypoints drawn on, green. `predictions`, none or one for each of
/// `rows` and of the same set, are drawn in orange, a line joining each to the truth.
Picture sheet(const Faces& faces, std::span<const size_t> rows, std::span<const Keypoints> predictions = {},
              const SheetOptions& options = {});

}  // namespace lineament
