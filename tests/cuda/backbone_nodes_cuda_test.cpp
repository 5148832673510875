// Every node of real networks' training steps on CUDA, of real shapes, beside the CPU. On a GPU alone.
#include <doctest/doctest.h>

#include "tests/cuda/emulated.h"
#include "tests/cuda/network_nodes.h"
#include "tests/cuda/network_noise.h"

using namespace lineament;
using namespace lineament::test;

TEST_CASE("backbones: every node of a training step, fed with what the device made, agrees with the CPU") {
  if (is_emulated()) return;
  const Noise noise(8);
  for (const char* name : {"resnet50", "efficientnet_b0", "efficientnetv2_b3", "efficientnet_lite0"})
    for (Precision precision : {Precision::f32, Precision::tf32, Precision::bf16}) {
      Network network(find_model(name, {.dense = "96"}), Loss::mean_squared_error, cuda_backend(), 5,
                      {.planned = false, .precision = precision});
      network.train_step(noise.batch(), 3);
      const NetworkNodes found =
          compare_with_cpu(network.program_of(Mode::train, noise.size), cuda_backend(), precision);
      fmt::print("  backbone {} {} worst node {}: {:.1e} of {:.1e}; {} outputs, {} of them by their terms\n",
                 name, name_of(precision), found.worst.name, found.worst.distance, found.worst.limit,
                 found.outputs, found.cancelling);
      std::fflush(stdout);  // to be read even where the time is up before the end
      CHECK(found.outputs > 500);
      for (const NodeDistance& node : found.beyond)
        CHECK_MESSAGE(node.distance < node.limit,
                      name << " " << std::string(name_of(precision)) << " " << node.name);
    }
}
