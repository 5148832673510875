// Options that several subcommands share: which trained network, and where it runs.
#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "network/predictor.h"

namespace lineament {

struct TrainedOptions {
  std::vector<std::string> from, with;  // run folders or checkpoints, which answer together
  bool mirror = false;
  Device device = Device::cpu;
  Precision precision = Precision::f32;
  int threads = 0;
};

/// How a command takes runs: all that it is given, or one, others by --with.
enum class Runs { all, one };
/// Adds RUN, --mirror, --device, --precision and --threads.
void add_trained(CLI::App& command, TrainedOptions& options, Runs runs = Runs::all);
/// Loads the networks and sets the threads. InputError as Predictor::load().
Ensemble load_trained(const TrainedOptions& options);

}  // namespace lineament
