#include "train/sampling.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/random.h"

namespace lineament {
namespace {

/// Systematic sampling: marks at equal distances on the line of all rows' labels, from a drawn place on. A row comes as often as its
/// share says, rounded up or down.
std::vector<uint64_t> by_labels(const Faces& faces, double start) {
  const auto labels = [](const Keypoints& points) {
    return std::ranges::count_if(points, [](float v) { return !std::isnan(v); });
  };
  double all = 0;
  for (const Keypoints& points : faces.keypoints) all += static_cast<double>(labels(points));
  const double step = all / static_cast<double>(faces.size());
  std::vector<uint64_t> order;
  double mark = start * step, end = 0;
  for (size_t row = 0; row < faces.size(); ++row) {
    end += static_cast<double>(labels(faces.keypoints[row]));
    for (uint64_t again = row; mark < end && order.size() < faces.size(); again += faces.size(), mark += step) order.push_back(again);
  }
  return order;
}

}  // namespace

std::vector<uint64_t> epoch_order(const Faces& faces, Sampling sampling, uint64_t key) {
  std::vector<uint64_t> order(faces.size());
  if (sampling == Sampling::rows)
    std::iota(order.begin(), order.end(), uint64_t{0});
  else
    order = by_labels(faces, random_uniform(key, 0));
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random_below(key, i, i)]);  // Fisher-Yates
  return order;
}

}  // namespace lineament
