// How far predictions lie from the truth: in pixels, in face sizes, and as Keras's accuracy.
#pragma once
#include <array>
#include <cstddef>
#include <limits>
#include <span>
#include <string_view>

#include "data/faces.h"

namespace lineament {

/// Means over what was present; NaN where nothing was.
struct Metrics {
  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

  double mse = kNone;       // px^2, over coordinates
  double rmse = kNone;      // px
  double mae = kNone;       // px, over coordinates
  double accuracy = kNone;  // share of complete faces whose largest output is the truth's largest, as Keras
  double nme = kNone;       // a face's mean point error over the distance of its eye centres
  double failure_rate = kNone;                // share of faces whose error is above kFailure
  std::array<double, kPoints> point_error{};  // px, distance

  size_t faces = 0;           // all that were added
  size_t coordinates = 0;     // present
  size_t accuracy_faces = 0;  // complete; the other faces are left out of the accuracy
  size_t nme_faces = 0;       // with both eye centres, apart from each other

  static constexpr double kFailure = 0.1;
};

/// Sums in double, in the order of the faces: how they are batched changes nothing, to the bit.
class MetricsAccumulator {
 public:
  /// Coordinates in px; those of `truth` that are NaN are missing.
  void add(const Keypoints& prediction, const Keypoints& truth);
  /// Equally many of each.
  void add(std::span<const Keypoints> predictions, std::span<const Keypoints> truths);
  Metrics result() const;

 private:
  double squares_ = 0, absolutes_ = 0, nme_ = 0;
  std::array<double, kPoints> distances_{};
  std::array<size_t, kPoints> points_{};
  size_t faces_ = 0, coordinates_ = 0;
  size_t accuracy_faces_ = 0, hits_ = 0;
  size_t nme_faces_ = 0, failures_ = 0;
};

}  // namespace lineament
