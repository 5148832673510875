// The contest's data folder: its faces, the study's split of them,
// and the rows that a submission must answer.
#pragma once
#include <cstddef>
#include <filesystem>
#include <vector>

#include "data/faces.h"
#include "data/formats/face_table.h"

namespace lineament {

/// Faces of training.csv (Labels::given) or test.csv (Labels::none);
/// `path` as in open_text(). InputError otherwise.
Faces read_faces(const std::filesystem::path& path, Labels labels);

struct Split {
  Faces train, dev;
};

/// The study's split: the first `dev_rows` complete rows, in file order, measure and are never trained on;
/// all other rows, complete or not, train. InputError if fewer than 2 * dev_rows rows are complete.
Split split_faces(const Faces& faces, size_t dev_rows = 500);

/// A row that a submission must answer.
struct Lookup {
  int row_id;
  int image_id;
  int coordinate;  // into kCoordinateNames
};

/// IdLookupTable.csv, in file order; `path` as in open_text().
/// InputError for an unknown feature or a row id given twice.
std::vector<Lookup> read_lookup(const std::filesystem::path& path);

}  // namespace lineament
