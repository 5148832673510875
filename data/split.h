// Which rows measure and which train; what nobody labelled does neither.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "data/faces.h"

namespace lineament {

struct Split {
  Faces train, dev;
  Faces left_out = {};  // of the rows that train: the part that one fold of a training does without
};

/// How the rows that measure are chosen; at most one of `every` and `share` is above zero.
struct SplitOptions {
  size_t rows = 500;    // the first so many complete rows; where too few are, the first so many with any label
  int every = 0;        // every so-manieth row in the order of their names, from the first
  double share = 0;     // so large a part of all rows, spread evenly
  std::string names = {};  // with `every` and `share`: of rows whose photograph's name matches this pattern (*, ?) alone
  bool operator==(const SplitOptions&) const = default;
};

/// Dev rows are never trained on; all other rows, complete or not, train; both in file order. InputError where fewer than twice
/// the dev rows are there to choose from, or none matches.
Split split_faces(const Faces& faces, const SplitOptions& options = {});

/// Leaves out of the set the points that no row has, and returns their names. InputError where no row has any.
std::vector<std::string> leave_out_unlabelled(Faces& faces);

}  // namespace lineament
