#include "train/offset.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "models/heads.h"
#include "network/predictor.h"

namespace lineament {
namespace {

/// The rows with the most labels; of equal ones those that stand first.
std::vector<size_t> best_labelled(const Faces& faces, size_t rows) {
  std::vector<size_t> order(faces.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto labels = [&](size_t row) {
    return std::ranges::count_if(faces.keypoints[row], [](float v) { return !std::isnan(v); });
  };
  std::ranges::stable_sort(order, std::greater{}, labels);
  order.resize(std::min(rows, order.size()));
  return order;
}

}  // namespace

void settle_offset(Network& network, const Faces& faces, int batch, size_t rows) {
  const Parameter* parameter = network.parameters().find(kAnswerOffset);
  if (!parameter) return;
  const Faces measured = faces.select(best_labelled(faces, rows));
  const std::vector<Keypoints> answers = predict(network, measured, batch);
  std::vector<float> offset = network.parameters().read(*parameter);
  for (size_t c = 0; c < offset.size(); ++c) {
    double sum = 0, count = 0;
    for (size_t row = 0; row < measured.size(); ++row)
      if (const float truth = measured.keypoints[row][c]; !std::isnan(truth)) sum += truth - answers[row][c], ++count;
    if (count > 0) offset[c] += static_cast<float>(sum / count) / faces.shape.half();
  }
  network.parameters().write(*parameter, offset);
}

}  // namespace lineament
