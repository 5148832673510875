// Gradients of weights beside the rest on a real device: the same bits as one after another, recorded or not.
#include <doctest/doctest.h>

#include "base/random.h"
#include "network/network.h"
#include "tests/cuda/emulated.h"

using namespace lineament;

namespace {

constexpr int kBatch = 4, kSteps = 4;  // the first goes call by call, the others are recorded

/// Gradients after each of some steps on the same weights; running statistics move.
std::vector<std::vector<float>> gradients(const char* name, Precision precision, bool side) {
  Network network(find_model(name, {.dense = "96"}), Loss::mean_squared_error, cuda_backend(), 5,
                  {.planned = true, .poison = false, .precision = precision, .deterministic = true, .side = side});
  const Task& task = network.model().task;
  std::vector<std::vector<float>> steps;
  for (uint64_t step = 0; step < kSteps; ++step) {
    std::vector<float> images(size_t(kBatch) * task.picture.height * task.picture.width * task.picture.channels),
        keypoints(size_t(kBatch) * task.coordinates), mask(keypoints.size(), 1.0f);
    for (size_t i = 0; i < images.size(); ++i) images[i] = random_uniform(10 + step, i);
    for (size_t i = 0; i < keypoints.size(); ++i) keypoints[i] = random_uniform(20 + step, i) - 0.5f;
    network.train_step({kBatch, images, keypoints, mask}, step);
    std::vector<float>& all = steps.emplace_back();
    for (const Parameter& p : network.parameters().all())
      if (p.home == Home::parameters)
        for (float g : network.parameters().read_gradient(p)) all.push_back(g);
  }
  return steps;
}

}  // namespace

TEST_CASE("backbones: gradients beside the rest are the bits of one after another") {
  if (test::is_emulated()) return;  // which has one lane
  for (const char* name : {"cnn", "resnet50", "efficientnet_b0"})
    for (const Precision precision : {Precision::f32, Precision::bf16}) {
      CAPTURE(name);
      CAPTURE(name_of(precision));
      const bool same = gradients(name, precision, true) == gradients(name, precision, false);
      CHECK(same);
    }
}
