// One face at a time, in order: point distances first, from them the face's normalised error.
#include "data/metrics.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace lineament {

namespace {

constexpr int kLeftEye = 0, kRightEye = 1;  // keypoints of the contest's order

double mean(double sum, size_t count) { return count ? sum / static_cast<double>(count) : Metrics::kNone; }

double distance(const float* a, const float* b) {
  return std::hypot(static_cast<double>(a[0]) - b[0], static_cast<double>(a[1]) - b[1]);
}

auto largest(const Keypoints& points) {
  return std::ranges::max_element(points) - points.begin();
}  // the first of equals

}  // namespace

void MetricsAccumulator::add(const Keypoints& prediction, const Keypoints& truth) {
  ++faces_;
  for (int i = 0; i < kCoordinates; ++i) {
    if (std::isnan(truth[i])) continue;
    const double error = static_cast<double>(prediction[i]) - truth[i];
    squares_ += error * error;
    absolutes_ += std::abs(error);
    ++coordinates_;
  }

  const auto present = [&](int point) {
    return !std::isnan(truth[2 * point]) && !std::isnan(truth[2 * point + 1]);
  };
  double face_distance = 0;
  size_t face_points = 0;
  for (int point = 0; point < kPoints; ++point) {
    if (!present(point)) continue;
    const double d = distance(&prediction[2 * point], &truth[2 * point]);
    distances_[point] += d;
    ++points_[point];
    face_distance += d;
    ++face_points;
  }

  if (present(kLeftEye) && present(kRightEye)) {
    const double eyes = distance(&truth[2 * kLeftEye], &truth[2 * kRightEye]);
    if (eyes > 0) {
      const double error = face_distance / static_cast<double>(face_points) / eyes;
      nme_ += error;
      ++nme_faces_;
      failures_ += !(error <= Metrics::kFailure);  // a prediction that is not a number fails too
    }
  }

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
  m.nme = mean(nme_, nme_faces_);
  m.failure_rate = mean(static_cast<double>(failures_), nme_faces_);
  for (int point = 0; point < kPoints; ++point)
    m.point_error[point] = mean(distances_[point], points_[point]);
  m.faces = faces_;
  m.coordinates = coordinates_;
  m.accuracy_faces = accuracy_faces_;
  m.nme_faces = nme_faces_;
  return m;
}

}  // namespace lineament
