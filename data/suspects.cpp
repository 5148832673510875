#include "data/suspects.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace lineament {
namespace {

/// 0 of none.
double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

/// Distances of one point from its answers in each row, px, less the median difference; NaN where it is missing.
std::vector<double> errors_of(int k, std::span<const Keypoints> labels, std::span<const Keypoints> answers) {
  const size_t x = 2 * static_cast<size_t>(k), y = x + 1;
  std::vector<double> dx, dy;
  for (size_t row = 0; row < labels.size(); ++row) {
    if (!has_point(labels[row], k)) continue;
    dx.push_back(labels[row][x] - answers[row][x]);
    dy.push_back(labels[row][y] - answers[row][y]);
  }
  const double usual_x = median(dx), usual_y = median(dy);
  std::vector<double> errors;
  for (size_t row = 0; row < labels.size(); ++row)  // NaN stays NaN
    errors.push_back(
        std::hypot(labels[row][x] - answers[row][x] - usual_x, labels[row][y] - answers[row][y] - usual_y));
  return errors;
}

/// Divides by what is expected: rows with a deviation by it, and then all alike, so that the median of those with one,
/// and of those without, is 1.
std::vector<double> in_expected(const std::vector<double>& errors, int k,
                                std::span<const std::vector<float>> deviations) {
  std::vector<double> shares = errors;
  const auto has_deviation = [&](size_t row) { return !deviations.empty() && !deviations[row].empty(); };
  for (const bool with : {false, true}) {
    std::vector<double> known;
    for (size_t row = 0; row < shares.size(); ++row) {
      if (has_deviation(row) != with) continue;
      if (with) shares[row] /= deviations[row][static_cast<size_t>(k)];
      if (!std::isnan(shares[row])) known.push_back(shares[row]);
    }
    const double usual = median(known);
    for (size_t row = 0; row < shares.size(); ++row)
      if (has_deviation(row) == with && usual > 0) shares[row] /= usual;
  }
  return shares;
}

/// How far the logarithm of each lies above the median one, in units of the median distance.
std::vector<double> unusualness(const std::vector<double>& values) {
  constexpr double kLeast = 1e-9;  // an answer may be the label to the bit
  std::vector<double> logs, distances;
  for (const double value : values) logs.push_back(std::log(std::max(value, kLeast)));
  const double middle = median(logs);
  for (const double log : logs) distances.push_back(std::abs(log - middle));
  const double unit = std::max(median(distances), kLeast);
  for (double& log : logs) log = (log - middle) / unit;
  return logs;
}

}  // namespace

std::vector<Suspect> rank_suspects(std::span<const Keypoints> labels, std::span<const Keypoints> answers,
                                   std::span<const std::vector<float>> deviations) {
  check(labels.size() == answers.size(), "{} answers for {} labels", answers.size(), labels.size());
  check(deviations.empty() || deviations.size() == labels.size(), "{} deviations for {} labels", deviations.size(),
        labels.size());
  const int points = labels.empty() ? 0 : static_cast<int>(labels[0].size() / 2);
  std::vector<std::vector<double>> errors, shares;  // [point][row]
  for (int k = 0; k < points; ++k) {
    errors.push_back(errors_of(k, labels, answers));
    shares.push_back(in_expected(errors.back(), k, deviations));
  }
  std::vector<Suspect> suspects;
  std::vector<double> most, means;
  for (size_t row = 0; row < labels.size(); ++row) {
    double worst = -1, sum = 0;
    int count = 0;
    Suspect suspect{.row = row};
    for (int k = 0; k < points; ++k) {
      const double share = shares[static_cast<size_t>(k)][row];
      if (std::isnan(share)) continue;
      sum += share, ++count;
      if (share > worst) worst = share, suspect.worst = k;
    }
    if (count == 0) continue;
    suspect.error = errors[static_cast<size_t>(suspect.worst)][row];
    suspects.push_back(suspect);
    most.push_back(worst);
    means.push_back(sum / count);
  }
  const std::vector<double> by_worst = unusualness(most), by_mean = unusualness(means);
  for (size_t i = 0; i < suspects.size(); ++i) suspects[i].score = std::max(by_worst[i], by_mean[i]);
  std::ranges::stable_sort(suspects, std::greater<>(), &Suspect::score);
  return suspects;
}

}  // namespace lineament
