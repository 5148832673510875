// Choosing, joining and translating rows of a set of faces.
#include "data/faces.h"

#include <algorithm>

#include "base/check.h"

namespace lineament {

void Faces::add_rows(size_t rows) {
  keypoints.resize(size() + rows, Keypoints(static_cast<size_t>(set.coordinates()), kMissing));
  ids.resize(size());
  pixels.resize(size() * shape.values());
}

void Faces::append(const Faces& other) {
  check(set == other.set && shape == other.shape, "faces of {} and {}, {} and {}, cannot be joined", set.name,
        other.set.name, to_string(shape), to_string(other.shape));
  pixels.insert(pixels.end(), other.pixels.begin(), other.pixels.end());
  keypoints.insert(keypoints.end(), other.keypoints.begin(), other.keypoints.end());
  ids.insert(ids.end(), other.ids.begin(), other.ids.end());
  names.insert(names.end(), other.names.begin(), other.names.end());
}

Faces Faces::select(std::span<const size_t> rows) const {
  Faces chosen{.set = set, .shape = shape};
  chosen.keypoints.reserve(rows.size());
  chosen.ids.reserve(rows.size());
  if (!pixels.empty()) chosen.pixels.resize(rows.size() * shape.values());
  for (size_t i = 0; i < rows.size(); ++i) {
    chosen.keypoints.push_back(keypoints[rows[i]]);
    chosen.ids.push_back(ids[rows[i]]);
    if (!names.empty()) chosen.names.push_back(names[rows[i]]);
    if (!pixels.empty()) std::ranges::copy(image(rows[i]), chosen.image(i).begin());
  }
  return chosen;
}

Faces with_set(Faces faces, const KeypointSet& set) {
  if (faces.set == set) return faces;
  const PointMeans means = means_between(faces.set, set);
  for (Keypoints& points : faces.keypoints) points = means_of(means, points);
  faces.set = set;
  return faces;
}

}  // namespace lineament
