// Whole networks on CUDA beside the CPU: answers and losses, recorded steps.
// On a GPU alone: its emulation would take days.
#include <doctest/doctest.h>

#include <cmath>

#include "tests/cuda/emulated.h"
#include "tests/cuda/network_noise.h"
#include "train/learner.h"

using namespace lineament;
using namespace lineament::test;

namespace {

constexpr int kBatch = 8;
constexpr uint64_t kSeed = 5;

struct Run {
  float loss;
  std::vector<float> gradients, answers;
};

/// A training step, and then what is answered with the running statistics that it left.
Run run(const char* name, Backend& backend, Precision precision) {
  Noise noise(kBatch);
  noise.mask[5] = 0;
  const Model model = find_model(name, {.dense = "96"});
  Network network(model, Loss::mean_squared_error, backend, kSeed, {.precision = precision});
  Run run{network.train_step(noise.batch(), 3), gradients_of(network), {}};
  run.answers = network.infer(kBatch, noise.images).coordinates;
  return run;
}

struct Limits {
  double loss, answers;
};
constexpr Limits limits_of(Precision precision) {
  switch (precision) {
    case Precision::f32:
      return {1e-4, 1e-3};
    case Precision::tf32:
      return {1e-2, 0.03};
    case Precision::bf16:
      return {0.05, 0.15};  // of noise: what batch norms take away is most of the pictures
  }
  return {};
}

/// Answers and losses are the CPU's, as near as their precision allows. Gradients of such networks on noise are only
/// told: weights moved by their last place move resnet50's by 2 %. backbone_nodes and backbone_gradients hold them.
void expect_as_on_cpu(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    CAPTURE(std::string(name));
    const Run expected = run(name, cpu_backend(), Precision::f32);
    for (Precision precision : {Precision::f32, Precision::tf32, Precision::bf16}) {
      CAPTURE(std::string(name_of(precision)));
      const Run got = run(name, cuda_backend(), precision);
      const double loss = std::abs(got.loss / expected.loss - 1),
                   gradients = relative_distance(got.gradients, expected.gradients),
                   answers = relative_distance(got.answers, expected.answers);
      fmt::print("  backbone {:<20} {:<5} away from the CPU: loss {:.1e}, gradients {:.1e}, answers {:.1e}\n",
                 name, name_of(precision), loss, gradients, answers);
      std::fflush(stdout);  // to be read even where the time is up before the end
      const Limits limits = limits_of(precision);
      CHECK(loss < limits.loss);
      CHECK(answers < limits.answers);
    }
  }
}

}  // namespace

TEST_CASE("backbones: as on the CPU") {
  if (is_emulated()) return;
  expect_as_on_cpu({"cnn", "resnet50", "resnet50v2", "mobilenet", "efficientnet_b0", "efficientnetv2_b3",
                    "efficientnet_lite0"});
}

TEST_CASE("backbones: a step is recorded as one piece, and its replay computes the same") {
  if (is_emulated()) return;
  const Noise noise(kBatch);
  for (const char* name : {"cnn", "resnet50", "efficientnet_b0"})
    for (Precision precision : {Precision::f32, Precision::tf32, Precision::bf16}) {
      CAPTURE(std::string(name));
      CAPTURE(std::string(name_of(precision)));
      Network network(find_model(name), Loss::mean_squared_error, cuda_backend(), kSeed,
                      {.precision = precision, .deterministic = true});
      const float loss = network.train_step(noise.batch(), 3);
      const auto step = cuda_backend().record([&] { network.compute_calls(noise.batch()); });
      REQUIRE(step);
      const View of = network.loss_of(noise.batch());
      cuda_backend().fill(of.data, 0, sizeof(float));
      step->replay();
      float again = 0;
      cuda_backend().copy_out(&again, of.data, sizeof again);
      CHECK(again == doctest::Approx(loss).epsilon(1e-6));
    }
}

TEST_CASE("backbones: ten losses of the study's CNN are the CPU's") {
  if (is_emulated()) return;
  const Noise noise(16);
  const auto losses = [&](Backend& backend) {
    Network network(find_model("cnn"), Loss::mean_squared_error, backend, kSeed);
    Optimizer adam({.kind = OptimizerKind::adam}, network.parameters());
    Learner learner(network, adam, 10);
    for (uint64_t step = 0; step < 10; ++step) learner.learn(noise.batch(), step, 1e-3f);
    std::vector<float> found;
    for (const auto& learned : learner.take()) found.push_back(learned.loss);
    return found;
  };
  const std::vector<float> expected = losses(cpu_backend()), got = losses(cuda_backend());
  REQUIRE(got.size() == 10);
  for (size_t step = 0; step < 10; ++step) {
    CAPTURE(step);
    CHECK(got[step] == doctest::Approx(expected[step]).epsilon(1e-3));
  }
}

TEST_CASE("backbones: the largest, last: it takes as long as the others together") {
  if (is_emulated()) return;
  expect_as_on_cpu({"efficientnet_b7"});
}
