// One face at a time, in order: point distances first, from them the face's normalised error.
#include "data/metrics.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace lineament {

namespace {

double mean(double sum, size_t count) { return count ? sum / static_cast<double>(count) : Metrics::kNone; }

double distance(const float* a, const float* b) {
  return std::hypot(static_cast<double>(a[0]) - b[0], static_cast<double>(a[1]) - b[1]);
}

auto largest(const Keypoints& points) {
  return std::ranges::max_element(points) - points.begin();
}  // the first of equals

/// Means of `points` along each axis; NaN where one is missing.
std::array<double, 2> middle_of(std::span<const int> points, const Keypoints& truth) {
  double x = 0, y = 0;
  for (const int k : points) x += truth[2 * k], y += truth[2 * k + 1];
  const auto count = static_cast<double>(points.size());
  return {x / count, y / count};
}

/// The root of the area of the box round all points that are there.
double root_of_box(const Keypoints& truth) {
  std::array<float, 2> least{INFINITY, INFINITY}, most{-INFINITY, -INFINITY};
  for (size_t c = 0; c < truth.size(); ++c) {
    if (std::isnan(truth[c])) continue;
    least[c % 2] = std::min(least[c % 2], truth[c]), most[c % 2] = std::max(most[c % 2], truth[c]);
  }
  const double width = static_cast<double>(most[0]) - least[0], height = static_cast<double>(most[1]) - least[1];
  return width > 0 && height > 0 ? std::sqrt(width * height) : Metrics::kNone;
}

}  // namespace

double scale_of(const KeypointSet& set, const Keypoints& truth) {
  if (set.scale[0].empty()) return root_of_box(truth);
  const auto [ax, ay] = middle_of(set.scale[0], truth);
  const auto [bx, by] = middle_of(set.scale[1], truth);
  return std::hypot(ax - bx, ay - by);
}

MetricsAccumulator::MetricsAccumulator(KeypointSet set)
    : set_(std::move(set)), distances_(set_.points.size()), points_(set_.points.size()) {}

void MetricsAccumulator::add(const Keypoints& prediction, const Keypoints& truth) {
  ++faces_;
  for (size_t c = 0; c < truth.size(); ++c) {
    if (std::isnan(truth[c])) continue;
    const double error = static_cast<double>(prediction[c]) - truth[c];
    squares_ += error * error;
    absolutes_ += std::abs(error);
    ++coordinates_;
  }

  double face_distance = 0;
  size_t face_points = 0;
  for (int point = 0; point < set_.size(); ++point) {
    if (!has_point(truth, point)) continue;
    const double d = distance(&prediction[2 * point], &truth[2 * point]);
    distances_[point] += d;
    ++points_[point];
    face_distance += d;
    ++face_points;
  }
  if (const double scale = scale_of(set_, truth); scale > 0 && face_points > 0)
    face_nme_.push_back(face_distance / static_cast<double>(face_points) / scale);

  if (is_complete(truth)) {
    ++accuracy_faces_;
    hits_ += largest(prediction) == largest(truth);
  }
}

void MetricsAccumulator::add(std::span<const Keypoints> predictions, std::span<const Keypoints> truths) {
  check(predictions.size() == truths.size(), "{} predictions for {} faces", predictions.size(),
        truths.size());
  for (size_t i = 0; i < truths.size(); ++i) add(predictions[i], truths[i]);
}

Metrics MetricsAccumulator::result() const {
  Metrics m;
  m.mse = mean(squares_, coordinates_);
  m.rmse = std::sqrt(m.mse);
  m.mae = mean(absolutes_, coordinates_);
  m.accuracy = mean(static_cast<double>(hits_), accuracy_faces_);
  double nme = 0, below = 0;
  size_t failures = 0, strict_failures = 0;
  for (const double error : face_nme_) {
    nme += error;
    failures += !(error <= Metrics::kFailure);  // a prediction that is not a number fails too
    strict_failures += !(error <= Metrics::kStrictFailure);
    if (error < Metrics::kStrictFailure) below += Metrics::kStrictFailure - error;
  }
  m.nme = mean(nme, face_nme_.size());
  m.failure_rate = mean(static_cast<double>(failures), face_nme_.size());
  m.strict_failure_rate = mean(static_cast<double>(strict_failures), face_nme_.size());
  m.auc = mean(below, face_nme_.size()) / Metrics::kStrictFailure;  // the curve's steps, integrated exactly
  for (int point = 0; point < set_.size(); ++point) m.point_error.push_back(mean(distances_[point], points_[point]));
  m.face_nme = face_nme_;
  m.faces = faces_;
  m.coordinates = coordinates_;
  m.accuracy_faces = accuracy_faces_;
  m.nme_faces = face_nme_.size();
  return m;
}

std::vector<double> cumulative_shares(std::span<const double> errors, std::span<const double> limits) {
  std::vector<double> shares;
  for (const double limit : limits)
    shares.push_back(mean(static_cast<double>(std::ranges::count_if(errors, [=](double e) { return e <= limit; })),
                          errors.size()));
  return shares;
}

}  // namespace lineament
