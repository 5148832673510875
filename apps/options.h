// Options that several subcommands share: which trained network, where it runs, settings of the data.
#pragma once
#include <CLI/CLI.hpp>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "network/predictor.h"
#include "train/config.h"

namespace lineament {

struct TrainedOptions {
  std::vector<std::string> from, with;  // run folders or checkpoints, which answer together
  bool mirror = false;
  Device device = Device::cpu;
  Precision precision = Precision::f32;
  int threads = 0;
};

/// Adds --threads.
CLI::Option* add_threads(CLI::App& command, int& threads);
/// set_values() of a command that reads these settings alone, such as "rows" or all of "picture."; InputError for others.
void set_read_values(TrainConfig& config, const std::vector<std::string>& assignments,
                     std::initializer_list<std::string_view> read);
/// How a command takes runs: all that it is given, or one, others by --with.
enum class Runs { all, one };
/// Adds RUN, --mirror, --device, --precision and --threads.
void add_trained(CLI::App& command, TrainedOptions& options, Runs runs = Runs::all);
/// Loads the networks and sets the threads. InputError as Predictor::load().
Ensemble load_trained(const TrainedOptions& options);

}  // namespace lineament
