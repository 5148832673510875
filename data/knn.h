// A missing coordinate is the mean of the nearest rows that have it, near by the coordinates both rows have.
#pragma once
#include <cstddef>
#include <vector>

#include "data/label_table.h"

namespace lineament {

/// Fills every gap as scikit-learn's StandardScaler and KNNImputer(n_neighbors, weights="uniform") do
/// together, to rounding; among neighbours at exactly one distance the earlier row wins. A column without any value stays
/// without. Returns how many cells were filled per column. Computed in double, on `threads` threads (0: available_cpus()).
std::vector<size_t> fill_from_neighbours(LabelTable& labels, size_t neighbours = 5, size_t threads = 0);

}  // namespace lineament
