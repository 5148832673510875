// Choosing rows of a set of faces.
#include "data/faces.h"

#include <algorithm>

namespace lineament {

Faces Faces::select(std::span<const size_t> rows) const {
  Faces chosen;
  chosen.keypoints.reserve(rows.size());
  chosen.ids.reserve(rows.size());
  if (!pixels.empty()) chosen.pixels.resize(rows.size() * kPixels);
  for (size_t i = 0; i < rows.size(); ++i) {
    chosen.keypoints.push_back(keypoints[rows[i]]);
    chosen.ids.push_back(ids[rows[i]]);
    if (!pixels.empty()) std::ranges::copy(image(rows[i]), chosen.image(i).begin());
  }
  return chosen;
}

}  // namespace lineament
