// Several trainings in folds over the same rows become a stack, and what that gains is measured on rows it was not
// fitted on.
#pragma once
#include <filesystem>
#include <vector>

#include "network/stack.h"

namespace lineament {

struct Stacking {
  Stack stack;
  size_t faces = 0;
  std::vector<double> run_mse = {};  // px^2, out of fold, of each run
  double mean_mse = 0;               // of their plain mean
  double stack_mse =
      0;  // of blends fitted without the part that they are measured on: the parts of the first run's folds
};

/// Fits a stack, to lie in `folder`, of runs of `lineament train --folds`. InputError where they are not of the same
/// rows, labels, points and size of pictures.
Stacking stack_runs(const std::filesystem::path& folder, std::span<const std::filesystem::path> runs,
                    double ridge = kUsualRidge);

}  // namespace lineament
