// How far predictions lie from the truth: in pixels, in face sizes, as papers on face alignment print it, and as Keras's accuracy.
#pragma once
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "data/keypoint_set.h"

namespace lineament {

/// Means over what was present; NaN where nothing was.
struct Metrics {
  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  static constexpr double kFailure = 0.1, kStrictFailure = 0.08;  // of NME

  double mse = kNone;       // px^2, over coordinates
  double rmse = kNone;      // px
  double mae = kNone;       // px, over coordinates
  double accuracy = kNone;  // share of complete faces whose largest output is the truth's largest, as Keras
  double nme = kNone;       // a face's mean point error over the scale of its set (KeypointSet::scale)
  double failure_rate = kNone;         // share of faces whose NME is above kFailure
  double strict_failure_rate = kNone;  // above kStrictFailure
  double auc = kNone;  // area under the cumulative error curve up to kStrictFailure, 1 where no face has any error
  std::vector<double> point_error = {};  // px, distance; of each point of the set
  std::vector<double> face_nme = {};     // of each face that has one, in the order of the faces

  size_t faces = 0;           // all that were added
  size_t coordinates = 0;     // present
  size_t accuracy_faces = 0;  // complete; the other faces are left out of the accuracy
  size_t nme_faces = 0;       // whose scale is there and above zero
};

/// Sums in double, in the order of the faces: how they are batched changes nothing, to the bit.
class MetricsAccumulator {
 public:
  /// Of faces with the points of this set.
  explicit MetricsAccumulator(KeypointSet set);

  /// Coordinates in px; those of `truth` that are NaN are missing.
  void add(const Keypoints& prediction, const Keypoints& truth);
  /// Equally many of each.
  void add(std::span<const Keypoints> predictions, std::span<const Keypoints> truths);
  Metrics result() const;

 private:
  KeypointSet set_;
  double squares_ = 0, absolutes_ = 0;
  std::vector<double> distances_, face_nme_;
  std::vector<size_t> points_;
  size_t faces_ = 0, coordinates_ = 0;
  size_t accuracy_faces_ = 0, hits_ = 0;
};

/// What a face's errors are divided by, in px; NaN where the points that say it are missing.
double scale_of(const KeypointSet& set, const Keypoints& truth);

/// The cumulative error curve: the share of `errors` that are at most each of `limits`.
std::vector<double> cumulative_shares(std::span<const double> errors, std::span<const double> limits);

}  // namespace lineament
