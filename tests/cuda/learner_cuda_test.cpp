// A whole training on CUDA beside one on the CPU: the same faces, losses and weights, as near as its numbers allow.
#include "train/learner.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "data/drawn/synthetic.h"
#include "train/loader.h"

using namespace lineament;

namespace {

constexpr int kBatch = 4, kEpochs = 3;
constexpr uint64_t kSeed = 5;

struct Learned {
  std::vector<float> losses, weights;
};

/// Ten faces are two batches of four and one of two: three epochs are nine steps.
Learned learn(Backend& backend, bool on_device, Precision precision, int most, float bad = 0) {
  Faces faces = synthetic_faces_complete(10, 3);
  if (bad != 0) faces.keypoints[6][3] = bad;
  Network network(find_model("dense2"), Loss::mean_squared_error, backend, kSeed, {.precision = precision});
  Optimizer optimizer({.kind = OptimizerKind::adam, .average_decay = 0.9f}, network.parameters());
  const auto draws = bad == 0 ? std::optional(AugmentOptions{})
                              : std::nullopt;  // fresh faces leave out what is beyond the picture
  Loader loader(faces, kBatch, kSeed, draws, on_device ? &backend : nullptr);
  Learner learner(network, optimizer, most);
  Learned learned;
  uint64_t step = 0;
  for (int epoch = 0; epoch < kEpochs; ++epoch) {
    loader.start_epoch(epoch);
    for (int b = 0; b < loader.batches(); ++b) {
      learner.learn(loader.batch(b), step++, 1e-4f);  // no loss overshoots, and makes much of a rounded weight
      if (learner.full() || b + 1 == loader.batches())
        for (const auto& one : learner.take()) learned.losses.push_back(one.loss);
    }
  }
  for (const Parameter& p : network.parameters().all())
    for (float w : network.parameters().read(p)) learned.weights.push_back(w);
  return learned;
}

float largest_share(const std::vector<float>& got, const std::vector<float>& expected) {
  REQUIRE(got.size() == expected.size());
  float most = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    if (!std::isfinite(got[i])) return INFINITY;
    most = std::max(most, std::abs(got[i] / expected[i] - 1));
  }
  return most;
}

}  // namespace

TEST_CASE("learner: nine losses on CUDA are the CPU's, in f32 and nearly in bf16") {
  const Learned expected = learn(cpu_backend(), false, Precision::f32, 1);
  REQUIRE(expected.losses.size() == 9);
  CHECK(largest_share(learn(cuda_backend(), true, Precision::f32, 4).losses, expected.losses) < 1e-3f);
  CHECK(largest_share(learn(cuda_backend(), true, Precision::bf16, 4).losses, expected.losses) < 0.1f);
}

TEST_CASE("learner: it is all the same how often the losses are looked at, and where batches are made") {
  const Learned expected = learn(cuda_backend(), true, Precision::bf16, 1);
  const Learned seldom = learn(cuda_backend(), true, Precision::bf16, 100);
  CHECK(seldom.losses == expected.losses);
  CHECK(seldom.weights == expected.weights);
  CHECK(largest_share(learn(cuda_backend(), false, Precision::bf16, 3).losses, expected.losses) < 0.02f);
}

TEST_CASE("learner: a loss that is not finite leaves the weights as they were") {
  const Learned learned = learn(cuda_backend(), true, Precision::f32, 100, INFINITY);
  CHECK(std::ranges::any_of(learned.losses, [](float loss) { return !std::isfinite(loss); }));
  CHECK(std::ranges::all_of(learned.weights, [](float w) { return std::isfinite(w); }));
}
