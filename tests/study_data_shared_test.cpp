// On the real faces: the split, the gaps and a first epoch, as the study has them.
#include <doctest/doctest.h>

#include <algorithm>
#include <ctime>

#include "data/contest.h"
#include "data/dataset.h"
#include "data/impute.h"
#include "data/metrics.h"
#include "data/split.h"
#include "tests/support.h"

using namespace lineament;

TEST_CASE("the real training set has 5,660 faces, 2,055 of them complete, and reads in under two seconds") {
  const auto shared = test::shared_folder();
  if (!shared) return test::skip("no shared folder with training.zip beside this checkout");
  const std::clock_t start = std::clock();  // of the processor: other programs beside this one do not count
  const Faces faces = read_faces(*shared / "data", Labels::given);
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  MESSAGE("read in " << seconds << " s of one core, shared between two threads");
  CHECK(faces.size() == 5660);
  CHECK(std::ranges::count_if(faces.keypoints, is_complete) == 2055);
  CHECK(faces.ids.front() == 1);
#if !defined(__SANITIZE_ADDRESS__)
  CHECK(seconds < 2);
#endif
}

TEST_CASE("predicting the mean of the complete training rows scores 16.15 on the dev set") {
  const auto shared = test::shared_folder();
  if (!shared) return test::skip("no shared folder with training.zip beside this checkout");
  Split split = split_faces(read_faces(*shared / "data", Labels::given));
  CHECK(split.dev.size() == 500);
  CHECK(split.train.size() == 5160);
  impute(split.train, Missing::drop);
  CHECK(split.train.size() == 1555);

  Keypoints mean(contest::kCoordinates);
  for (int c = 0; c < contest::kCoordinates; ++c) {
    double sum = 0;
    for (const Keypoints& points : split.train.keypoints) sum += points[c];
    mean[c] = static_cast<float>(sum / static_cast<double>(split.train.size()));
  }
  MetricsAccumulator metrics(contest15());
  for (const Keypoints& truth : split.dev.keypoints) metrics.add(mean, truth);
  CHECK(metrics.result().mse == doctest::Approx(16.154).epsilon(1e-4));
}
