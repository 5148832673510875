// out_of_fold.csv: what a training in folds answers for each row by the fold that has not seen it.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "data/keypoint_set.h"

namespace lineament {

/// One entry a row, in the order of the data.
struct OutOfFold {
  std::vector<std::string> points;                  // names
  std::vector<int> rows = {};                       // as the data's file counts them, from 1
  std::vector<int> folds = {};                      // which of them has not seen the row, from 1
  std::vector<Keypoints> answers = {};              // px of the training's pictures
  std::vector<std::vector<float>> deviations = {};  // px, of each point; none where the network predicts none

  size_t size() const { return rows.size(); }
};

/// Columns row, fold, NAME_x and NAME_y of each point, then NAME_deviation of each where there are some; 9 significant
/// digits, which a float comes back from. Atomically. RunError where an answer is not finite.
void write_out_of_fold(const std::filesystem::path& path, const OutOfFold& answers);

/// InputError with file:line for what write_out_of_fold() does not write; columns of other names are passed over.
OutOfFold read_out_of_fold(const std::filesystem::path& path);

}  // namespace lineament
