// Gradients of whole networks on CUDA: beside the CPU's where precisions can be compared at all, beside their own in
// f32 where not. On a GPU alone.
#include <doctest/doctest.h>

#include "bench/peer_models.h"
#include "tests/cuda/emulated.h"
#include "tests/cuda/network_noise.h"

using namespace lineament;
using namespace lineament::test;

namespace {

constexpr int kBatch = 24;

/// Of one training step. Deterministic: engines are taken as they come, and nothing is searched for.
std::vector<float> gradients(const Model& model, Backend& backend, Precision precision,
                             float last_gamma = 1) {
  Network network(model, Loss::mean_squared_error, backend, 5,
                  {.precision = precision, .deterministic = backend.name() != std::string("cpu")});
  for (const Parameter& p : network.parameters().all())
    if (p.name.ends_with("_3_bn/gamma"))
      network.parameters().write(p, std::vector<float>(p.desc.elements(), last_gamma));
  network.train_step(Noise(kBatch).batch(), 3);
  return gradients_of(network);
}

}  // namespace

TEST_CASE("backbones: gradients of a resnet50 whose blocks add little are the CPU's") {
  if (is_emulated()) return;
  struct Limits {
    Precision precision;
    double distance, cosine;
  };
  // With as much from each block as from its shortcut, noise in its last place grows from layer to layer.
  constexpr float kLastGamma = 0.2f;
  const Model model = find_model("resnet50", {.dense = "96"});
  const std::vector<float> expected = gradients(model, cpu_backend(), Precision::f32, kLastGamma);
  for (const Limits& limits :
       {Limits{Precision::f32, 1e-2, 0.99}, {Precision::tf32, 0.2, 0.95}, {Precision::bf16, 0.6, 0.85}}) {
    const std::vector<float> got = gradients(model, cuda_backend(), limits.precision, kLastGamma);
    const double distance = relative_distance(got, expected), angle = cosine(got, expected);
    fmt::print("  backbone resnet50 {} gradients, last gammas {}: {:.1e} from the CPU's, cosine {:.4f}\n",
               name_of(limits.precision), kLastGamma, distance, angle);
    std::fflush(stdout);
    CAPTURE(std::string(name_of(limits.precision)));
    CHECK(distance < limits.distance);
    CHECK(angle > limits.cosine);
  }
}

// scripts/gpu_check.sh holds them against what PyTorch's autocast does to the same networks.
TEST_CASE("autocast: how far gradients in bf16 are from those in f32") {
  if (is_emulated()) return;
  for (const char* name : {"efficientnet_b0", "efficientnet_lite0", "efficientnetv2_b3"}) {
    const Model model = peer_model(name);
    const std::vector<float> exact = gradients(model, cuda_backend(), Precision::f32),
                             got = gradients(model, cuda_backend(), Precision::bf16);
    const double distance = relative_distance(got, exact);
    fmt::print("  autocast {} {:.4f}\n", name, distance);
    std::fflush(stdout);
    CHECK(std::isfinite(distance));
  }
}
