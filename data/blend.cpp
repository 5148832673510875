// With w = 1/N + v the penalty is on v, and the differences d_n of the networks' answers from their mean sum to zero
// over n: the plain ridge solution (D'D + r s^2 I) v = D'e, e the labels less the mean answers, then sums to zero by
// itself. Offsets are fitted by taking each coordinate's mean over the rows away first.
#include "data/blend.h"

#include <cmath>
#include <numeric>

#include "base/check.h"

namespace lineament {
namespace {

/// Solves a x = b for a symmetric, positive definite `a` of n x n, row by row, by Cholesky's factors; both are used up.
std::vector<double> solve(std::vector<double> a, std::vector<double> b) {
  const size_t n = b.size();
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      double sum = a[i * n + j];
      for (size_t k = 0; k < j; ++k) sum -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = i == j ? std::sqrt(sum) : sum / a[j * n + j];
    }
  }
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < i; ++k) b[i] -= a[i * n + k] * b[k];
    b[i] /= a[i * n + i];
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t k = i + 1; k < n; ++k) b[i] -= a[k * n + i] * b[k];
    b[i] /= a[i * n + i];
  }
  return b;
}

double mean(const std::vector<double>& values) {
  return values.empty() ? 0 : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Of one coordinate, x or y of a point, over the rows that have it: labels less the mean answer, and each network's
/// answer less the mean answer.
struct Axis {
  std::vector<double> errors;
  std::vector<std::vector<double>> differences;
  double error_mean;
  std::vector<double> difference_means;
};

Axis axis_of(std::span<const std::vector<Keypoints>> answers, std::span<const Keypoints> labels, size_t c) {
  const size_t networks = answers.size();
  Axis axis{
      .errors = {}, .differences = std::vector<std::vector<double>>(networks), .error_mean = 0, .difference_means = {}};
  for (size_t row = 0; row < labels.size(); ++row) {
    if (!has_point(labels[row], static_cast<int>(c / 2))) continue;
    double sum = 0;
    for (const std::vector<Keypoints>& of_network : answers) sum += of_network[row][c];
    const double centre = sum / static_cast<double>(networks);
    axis.errors.push_back(labels[row][c] - centre);
    for (size_t n = 0; n < networks; ++n) axis.differences[n].push_back(answers[n][row][c] - centre);
  }
  axis.error_mean = mean(axis.errors);
  for (double& error : axis.errors) error -= axis.error_mean;
  for (std::vector<double>& differences : axis.differences) {
    axis.difference_means.push_back(mean(differences));
    for (double& difference : differences) difference -= axis.difference_means.back();
  }
  return axis;
}

/// How far the weights of a point lie from equal ones.
std::vector<double> departures(std::span<const Axis> axes, double ridge) {
  const size_t networks = axes[0].differences.size();
  double squares = 0;
  size_t values = 0;
  for (const Axis& axis : axes) {
    squares += std::inner_product(axis.errors.begin(), axis.errors.end(), axis.errors.begin(), 0.0);
    values += axis.errors.size();
  }
  const double penalty = values > 0 ? ridge * squares / static_cast<double>(values) : 0;
  if (!(penalty > 0)) return std::vector<double>(networks);
  std::vector<double> a(networks * networks), b(networks);
  for (const Axis& axis : axes) {
    for (size_t i = 0; i < networks; ++i) {
      const std::vector<double>& d = axis.differences[i];
      b[i] += std::inner_product(d.begin(), d.end(), axis.errors.begin(), 0.0);
      for (size_t j = 0; j <= i; ++j)
        a[i * networks + j] += std::inner_product(d.begin(), d.end(), axis.differences[j].begin(), 0.0);
    }
  }
  // Along equal departures D'D is zero and so is the answer: any weight on their sum will do, and one like D'D's keeps
  // all digits.
  double trace = 0;
  for (size_t i = 0; i < networks; ++i) trace += a[i * networks + i];
  for (size_t i = 0; i < networks; ++i)
    for (size_t j = 0; j <= i; ++j)
      a[i * networks + j] += trace / static_cast<double>(networks) + (i == j ? penalty : 0);
  return solve(std::move(a), std::move(b));
}

}  // namespace

Keypoints Blend::of(std::span<const Keypoints* const> answers) const {
  check(answers.size() == weights.size(), "{} answers for a blend of {}", answers.size(), weights.size());
  Keypoints blended(offset.size());
  for (size_t c = 0; c < blended.size(); ++c) {
    double sum = offset[c];
    for (size_t n = 0; n < answers.size(); ++n) sum += weights[n][c / 2] * (*answers[n])[c];
    blended[c] = static_cast<float>(sum);
  }
  return blended;
}

Blend fit_blend(std::span<const std::vector<Keypoints>> answers, std::span<const Keypoints> labels, double ridge) {
  check(!answers.empty() && ridge > 0, "a blend of {} networks at a ridge of {}", answers.size(), ridge);
  for (const std::vector<Keypoints>& of_network : answers)
    check(of_network.size() == labels.size(), "{} answers for {} labels", of_network.size(), labels.size());
  const size_t networks = answers.size(), coordinates = labels.empty() ? 0 : labels[0].size();
  Blend blend{.weights = std::vector(networks, std::vector<double>(coordinates / 2)), .offset = {}};
  for (size_t k = 0; k < coordinates / 2; ++k) {
    const Axis axes[] = {axis_of(answers, labels, 2 * k), axis_of(answers, labels, 2 * k + 1)};
    const std::vector<double> v = departures(axes, ridge);
    for (size_t n = 0; n < networks; ++n) blend.weights[n][k] = 1.0 / static_cast<double>(networks) + v[n];
    for (const Axis& axis : axes)
      blend.offset.push_back(axis.error_mean -
                             std::inner_product(v.begin(), v.end(), axis.difference_means.begin(), 0.0));
  }
  return blend;
}

}  // namespace lineament
