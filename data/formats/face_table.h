// training.csv and test.csv, and tables like them: coordinate columns NAME_x, NAME_y, and a column of pixels.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/faces.h"
#include "data/formats/archive.h"
#include "data/label_table.h"

namespace lineament {

enum class Labels {
  given,  // training.csv: coordinates in any order (empty = missing), and Image
  none,   // test.csv: ImageId and Image
  only,   // as given, but Image may be absent
};

struct FaceTable {
  KeypointSet set = contest15();    // of the columns: the contest's where they are its names, else theirs in the file's order
  PictureShape shape = {};
  std::vector<std::string> header;  // the columns kept, in the file's order
  std::vector<std::string> left_out;  // columns that are neither coordinates nor pixels
  LabelTable labels;                // all missing for Labels::none
  std::vector<uint8_t> pixels;      // size() * shape.values(); empty without an Image column
  std::vector<int> ids;             // 1-based data row, or ImageId

  size_t size() const { return labels.size(); }
  /// The rows named, in that order.
  FaceTable select(std::span<const size_t> rows) const;
};

/// Reads all of a stream. Pictures are of `shape`; where none is given, the contest's, or squares as large as the first row's.
/// InputError with file:line for every row that is not exactly as expected.
FaceTable read_face_table(TextStream source, Labels labels, std::optional<PictureShape> shape = {});

/// Writes the table with its columns, atomically; doubles in their shortest exact form, missing ones empty.
void write_face_table(const std::filesystem::path& path, const FaceTable& table);

}  // namespace lineament
