// Rows whose labels are probably wrong: they lie further from the answers of networks that have not seen them than is
// to be expected.
#pragma once
#include <span>
#include <vector>

#include "data/keypoint_set.h"

namespace lineament {

struct Suspect {
  size_t row = 0;
  int worst = 0;     // the point that is furthest off, by what is expected of it
  double error = 0;  // px, of that point
  double score = 0;  // how unusual the row is: see rank_suspects()
};

/// All rows with a label, the most suspicious first. An error is the distance from the answer to the label, less what
/// answer and label of that point differ by in the middle row, in units of what is expected: the row's `deviations`
/// (px, of each point), or, where there are none, the point's median error; and these units are such that the median
/// error of each point is 1. A row is unusual by its worst point or by all of its points together (their mean error).
/// Of both the logarithm is compared with that of all rows, and the score is the greater distance from their median, in
/// units of the median distance. `deviations` are none, or an entry a row, which may be empty.
std::vector<Suspect> rank_suspects(std::span<const Keypoints> labels, std::span<const Keypoints> answers,
                                   std::span<const std::vector<float>> deviations = {});

}  // namespace lineament
