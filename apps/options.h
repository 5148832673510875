// Options that several subcommands share: which trained network, and where it runs.
#pragma once
#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

#include "train/predictor.h"

namespace lineament {

struct TrainedOptions {
  std::string from;  // run folder or checkpoint
  std::string device = "cpu";
  int threads = 0;
};

/// Adds RUN, --device and --threads.
void add_trained(CLI::App& command, TrainedOptions& options);
/// Loads the network and sets the threads. InputError as Predictor::load().
Predictor load_trained(const TrainedOptions& options);
/// The checkpoint that a run folder answers from, or the checkpoint itself.
std::filesystem::path checkpoint_of(const TrainedOptions& options);

}  // namespace lineament
