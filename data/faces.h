// Faces to learn from or to answer for: pictures of one shape, and points of one set, any of which may be missing.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/keypoint_set.h"
#include "data/picture_shape.h"

namespace lineament {

/// Rows in file order. `pixels` holds size() * shape.values() bytes, h w c; empty for a table of labels alone.
struct Faces {
  KeypointSet set = contest15();
  PictureShape shape = {};
  std::vector<uint8_t> pixels = {};
  std::vector<Keypoints> keypoints = {};  // all missing for unlabelled faces
  std::vector<int> ids = {};              // 1-based data row in its file, or ImageId for a test set
  std::vector<std::string> names = {};    // of the photographs they were cut from; empty for tables of pixels

  size_t size() const { return keypoints.size(); }
  std::span<const uint8_t> image(size_t row) const { return {pixels.data() + row * shape.values(), shape.values()}; }
  std::span<uint8_t> image(size_t row) { return {pixels.data() + row * shape.values(), shape.values()}; }
  /// Room for `rows` more at the end: pixels of 0, no points, no ids. For those who fill them in.
  void add_rows(size_t rows);
  /// All rows of `other`, of the same set and shape.
  void append(const Faces& other);
  /// The rows named, in that order.
  Faces select(std::span<const size_t> rows) const;
};

/// The same faces with the points of another set. InputError as means_between().
Faces with_set(Faces faces, const KeypointSet& set);

}  // namespace lineament
