// The contest's data folder: its faces, and the rows that a submission must answer.
#pragma once
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/faces.h"
#include "data/formats/face_table.h"

namespace lineament {

/// Faces of training.csv (Labels::given) or test.csv (Labels::none); `path` as in open_text(). `notes` gains a line for
/// columns that were left out. InputError as read_face_table().
Faces read_faces(const std::filesystem::path& path, Labels labels, std::vector<std::string>* notes = nullptr,
                 std::optional<PictureShape> shape = {});

/// A row that a submission must answer.
struct Lookup {
  int row_id;
  int image_id;
  int coordinate;  // of contest15()
};

/// IdLookupTable.csv, in file order; `path` as in open_text().
/// InputError for an unknown feature or a row id given twice.
std::vector<Lookup> read_lookup(const std::filesystem::path& path);

}  // namespace lineament
