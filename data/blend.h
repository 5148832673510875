// A linear combination of several networks' answers, fitted to labels: for each point a weight for each network, and an
// offset.
#pragma once
#include <span>
#include <vector>

#include "data/keypoint_set.h"

namespace lineament {

struct Blend {
  std::vector<std::vector<double>> weights;  // [network][point], for x and y alike; of a point they sum to 1
  std::vector<double> offset;                // px, of each coordinate

  /// What it makes of the answers of each network for one face.
  Keypoints of(std::span<const Keypoints* const> answers) const;
};

inline constexpr double kUsualRidge = 25;  // weights are expected to lie about 1/5 from equal ones

/// For each point the weights w, of sum 1, and the offset b that make
///   sum |sum_n w_n a_n + b - t|^2 + ridge s^2 sum_n (w_n - 1/N)^2
/// smallest, over the rows that have the point: a_n the answer of network n of N, t the label, s^2 the mean squared
/// error of a coordinate at equal weights and their own offset. A ridge r is, by Bayes, the belief that weights lie
/// about 1/sqrt(r) from equal ones. Without rows, or without errors, they are equal. `answers` are [network][row], px;
/// ridge is above 0.
Blend fit_blend(std::span<const std::vector<Keypoints>> answers, std::span<const Keypoints> labels,
                double ridge = kUsualRidge);

}  // namespace lineament
