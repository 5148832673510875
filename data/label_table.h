// Labels as they stand in a file: in double, so that writing them back loses nothing.
#pragma once
#include <vector>

namespace lineament {

/// x and y of each point of a set in turn, in px; NaN where missing.
using LabelRow = std::vector<double>;
using LabelTable = std::vector<LabelRow>;

}  // namespace lineament
