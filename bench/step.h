// A whole step of one network: training or inference, and where its time goes.
#pragma once
#include <string>

#include "models/models.h"
#include "tensor/backend.h"

namespace lineament {

struct StepBenchOptions {
  std::string model;
  int batch = 64;
  HeadOptions head;
  bool as_peers = false;  // the network that the peers run, see docs/performance.md
  bool infer = false;
  int steps = 7;
  std::string kernel;  // forced where its op occurs
  Device device = Device::cpu;
  Precision precision = Precision::f32;
  bool deterministic = false;
  bool profile = false;
  bool json = false;
};

/// Prints medians over the steps. InputError where there is no such model.
void bench_step(const StepBenchOptions& options);

}  // namespace lineament
