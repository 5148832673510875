// training.csv and test.csv as they stand in the file:
// labels in double, so that writing them back loses nothing.
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "data/faces.h"
#include "data/formats/archive.h"

namespace lineament {

/// Coordinates of one face in px; NaN where missing.
using LabelRow = std::array<double, kCoordinates>;
using LabelTable = std::vector<LabelRow>;

/// Coordinates further out than this (px) are a broken file, not a face that leaves its picture.
inline constexpr double kLeastCoordinate = -kImageSize, kMostCoordinate = 2 * kImageSize;

enum class Labels {
  given,  // training.csv: 30 coordinates in any order (empty = missing), then Image
  none,   // test.csv: ImageId and Image
  only,   // as given, but Image may be absent
};

struct FaceTable {
  std::vector<std::string> header;  // the columns in the file's order
  LabelTable labels;                // all missing for Labels::none
  std::vector<uint8_t> pixels;      // size() * kPixels; empty without an Image column
  std::vector<int> ids;             // 1-based data row, or ImageId

  size_t size() const { return labels.size(); }
  /// The rows named, in that order.
  FaceTable select(std::span<const size_t> rows) const;
};

/// Reads all of a stream. InputError with file:line for every row that is not exactly as expected.
FaceTable read_face_table(TextStream source, Labels labels);

/// Writes the table with its columns, atomically; doubles in their shortest exact form, missing ones empty.
void write_face_table(const std::filesystem::path& path, const FaceTable& table);

}  // namespace lineament
