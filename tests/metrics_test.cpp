// Metrics on faces made so that the answers are known, and against plain sums.
#include "data/contest.h"
#include "data/metrics.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "base/random.h"

using namespace lineament;

namespace {

/// A face with its eye centres 40 px apart.
Keypoints plain_face() {
  Keypoints face(contest::kCoordinates);
  for (int i = 0; i < contest::kCoordinates; ++i) face[i] = 30.0f + static_cast<float>(i);
  face[0] = 70, face[1] = 35, face[2] = 30, face[3] = 35;
  return face;
}

Keypoints shifted(Keypoints face, float dx, float dy) {
  for (int point = 0; point < contest::kPoints; ++point) face[2 * point] += dx, face[2 * point + 1] += dy;
  return face;
}

struct Sample {
  std::vector<Keypoints> predictions, truths;
};

Sample noisy_faces(size_t count) {
  Sample sample;
  for (size_t row = 0; row < count; ++row) {
    Keypoints truth(contest::kCoordinates), prediction(truth);
    for (size_t i = 0; i < contest::kCoordinates; ++i) {
      const uint64_t n = row * contest::kCoordinates + i;
      truth[i] = random_below(3, n, 5) == 0 && row % 3 ? kMissing : 96 * random_uniform(1, n);
      prediction[i] = 96 * random_uniform(2, n);
    }
    sample.truths.push_back(truth);
    sample.predictions.push_back(prediction);
  }
  return sample;
}

}  // namespace

TEST_CASE("a perfect prediction has no error and full accuracy") {
  MetricsAccumulator sums(contest15());
  sums.add(plain_face(), plain_face());
  const Metrics m = sums.result();
  CHECK(m.mse == 0);
  CHECK(m.rmse == 0);
  CHECK(m.mae == 0);
  CHECK(m.nme == 0);
  CHECK(m.failure_rate == 0);
  CHECK(m.accuracy == 1);
  for (const double error : m.point_error) CHECK(error == 0);
  CHECK(m.coordinates == 30);
}

TEST_CASE("a face shifted by 3 and 4 px is 5 px off at every point, an eighth of its eye distance") {
  MetricsAccumulator sums(contest15());
  sums.add(shifted(plain_face(), 3, 4), plain_face());
  const Metrics m = sums.result();
  CHECK(m.mse == doctest::Approx(12.5));
  CHECK(m.rmse == doctest::Approx(std::sqrt(12.5)));
  CHECK(m.mae == doctest::Approx(3.5));
  CHECK(m.nme == doctest::Approx(0.125));
  CHECK(m.failure_rate == 1);  // above 10 %
  for (const double error : m.point_error) CHECK(error == doctest::Approx(5));
}

TEST_CASE("the failure rate is the share of faces above a tenth of their eye distance") {
  MetricsAccumulator sums(contest15());
  for (const float dx : {0.0f, 3.9f, 4.0f, 4.1f, -20.0f})
    sums.add(shifted(plain_face(), dx, 0), plain_face());
  CHECK(sums.result().failure_rate == 0.4);
}

TEST_CASE("missing coordinates count nowhere, and a point with one of them missing has no distance") {
  Keypoints truth = plain_face();
  truth[20] = kMissing;  // nose_tip_x
  Keypoints prediction = plain_face();
  prediction[20] = -1000;
  prediction[21] += 3;
  MetricsAccumulator sums(contest15());
  sums.add(prediction, truth);
  const Metrics m = sums.result();
  CHECK(m.coordinates == 29);
  CHECK(m.mse == doctest::Approx(9.0 / 29));
  CHECK(std::isnan(m.point_error[10]));
  CHECK(contest15().points[10] == "nose_tip");
  CHECK(m.nme == 0);
}

TEST_CASE("accuracy asks whether the largest output is the truth's largest, in complete faces alone") {
  Keypoints truth = plain_face(), right = plain_face(), wrong = plain_face();
  right[0] += 50;  // 0 is the largest in the truth as well
  wrong[7] += 90;
  Keypoints gap = truth;
  gap[29] = kMissing;
  MetricsAccumulator sums(contest15());
  sums.add(right, truth);
  sums.add(wrong, truth);
  sums.add(wrong, truth);
  sums.add(right, gap);
  CHECK(sums.result().accuracy == doctest::Approx(1.0 / 3));
  CHECK(sums.result().accuracy_faces == 3);
  CHECK(sums.result().faces == 4);
}

TEST_CASE("of equal outputs the first is the largest, as in numpy") {
  Keypoints truth(contest::kCoordinates), prediction(truth);
  truth[4] = 9;
  prediction[4] = prediction[11] = 5;
  MetricsAccumulator sums(contest15());
  sums.add(prediction, truth);
  truth[4] = 0, truth[11] = 9;
  sums.add(prediction, truth);
  CHECK(sums.result().accuracy == 0.5);
}

TEST_CASE("faces without both eye centres are left out of the normalised error") {
  Keypoints gap = plain_face(), together = plain_face();
  gap[3] = kMissing;
  together[2] = together[0];
  MetricsAccumulator sums(contest15());
  sums.add(shifted(plain_face(), 40, 0), gap);
  sums.add(shifted(together, 40, 0), together);
  CHECK(std::isnan(sums.result().nme));
  CHECK(std::isnan(sums.result().failure_rate));
  sums.add(shifted(plain_face(), 1, 0), plain_face());
  CHECK(sums.result().nme == doctest::Approx(0.025));
  CHECK(sums.result().nme_faces == 1);
}

TEST_CASE("no faces give no numbers") {
  const Metrics m = MetricsAccumulator(contest15()).result();
  CHECK(std::isnan(m.mse));
  CHECK(std::isnan(m.accuracy));
  CHECK(m.faces == 0);
}

TEST_CASE("how faces are batched changes no bit of the result") {
  const Sample sample = noisy_faces(101);
  const auto measure = [&](size_t batch) {
    MetricsAccumulator sums(contest15());
    for (size_t first = 0; first < 101; first += batch) {
      const size_t count = std::min(batch, 101 - first);
      sums.add(std::span(sample.predictions).subspan(first, count),
               std::span(sample.truths).subspan(first, count));
    }
    return sums.result();
  };
  const Metrics whole = measure(101);
  for (const size_t batch : {1, 7, 64}) {
    const Metrics m = measure(batch);
    CHECK(m.mse == whole.mse);
    CHECK(m.mae == whole.mae);
    CHECK(m.nme == whole.nme);
    CHECK(m.accuracy == whole.accuracy);
    CHECK(m.point_error == whole.point_error);
  }

  double squares = 0;
  size_t coordinates = 0;
  for (size_t row = 0; row < 101; ++row)
    for (int i = 0; i < contest::kCoordinates; ++i)
      if (!std::isnan(sample.truths[row][i])) {
        squares += std::pow(static_cast<double>(sample.predictions[row][i]) - sample.truths[row][i], 2);
        ++coordinates;
      }
  CHECK(whole.coordinates == coordinates);
  CHECK(whole.mse == doctest::Approx(squares / static_cast<double>(coordinates)).epsilon(1e-12));
}

TEST_CASE("a prediction that is not a number shows in the error and fails its face") {
  Keypoints broken = plain_face();
  broken[8] = std::numeric_limits<float>::quiet_NaN();
  MetricsAccumulator sums(contest15());
  sums.add(broken, plain_face());
  CHECK(std::isnan(sums.result().mse));
  CHECK(sums.result().failure_rate == 1);
}

TEST_CASE("failures at 8 and 10 %, and the area under the cumulative error curve, as papers print them") {
  // Two points, 100 px apart; both err by e px along y: an NME of e %.
  const KeypointSet set = keypoint_set_of("eyes", {"left_eye", "right_eye"}, "test");
  MetricsAccumulator sums(set);
  for (const float e : {0.0f, 4.0f, 8.0f, 9.0f, 20.0f}) sums.add({100, e, 0, e}, {100, 0, 0, 0});
  const Metrics m = sums.result();
  CHECK(m.nme == doctest::Approx(0.082));
  CHECK(m.failure_rate == doctest::Approx(0.2));
  CHECK(m.strict_failure_rate == doctest::Approx(0.4));
  CHECK(m.auc == doctest::Approx((8.0 + 4.0) / 8 / 5));
  REQUIRE(m.face_nme.size() == 5);
  CHECK(m.face_nme[1] == doctest::Approx(0.04));
  const std::vector<double> limits = {-0.01, 0, 0.05, 0.1, 1};
  CHECK(cumulative_shares(m.face_nme, limits) == std::vector<double>{0, 0.2, 0.4, 0.8, 1});
}

TEST_CASE("a set's scale: means of two groups, or the box round the points where it has none") {
  KeypointSet set = keypoint_set_of("four", {"a", "b", "c", "d"}, "test");
  const Keypoints truth = {0, 0, 2, 0, 10, 30, 10, 50};
  CHECK(scale_of(set, truth) == doctest::Approx(std::sqrt(10.0 * 50)));
  set.scale = {{{0, 1}, {2, 3}}};
  CHECK(scale_of(set, truth) == doctest::Approx(std::hypot(9, 40)));
  Keypoints gap = truth;
  gap[2] = kMissing;
  CHECK(std::isnan(scale_of(set, gap)));
  MetricsAccumulator sums(set);
  sums.add(truth, gap);
  CHECK(sums.result().nme_faces == 0);
}
