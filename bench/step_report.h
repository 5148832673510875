// What a timed step has in common on every device: its network, its profile, and what is said of it.
#pragma once
#include <functional>
#include <nlohmann/json_fwd.hpp>

#include "bench/step.h"
#include "network/network.h"

namespace lineament {

/// The network that the options name. InputError where there is none.
Network step_network(const StepBenchOptions& options, Backend& backend);
/// What the options have run: a training step of it, or inference.
Program& step_program(const StepBenchOptions& options, Network& network);

/// Facts of a step of `ms` milliseconds, for a device to add its own to.
nlohmann::ordered_json report_step(const StepBenchOptions& options, Network& network, double ms);

/// What an update by Adam reads and writes.
double adam_bytes(const Network& network);

/// options.steps runs, node by node and waiting for each, so that their sum is more than the step; `update` after each where
/// there is one. `peak_gflops` is asked for around each run.
nlohmann::json profile_step(const StepBenchOptions& options, Network& network,
                            const std::function<void()>& update, const std::function<double()>& peak_gflops);

/// Prints it as JSON or as lines, as the options have it.
void print_step(const StepBenchOptions& options, const nlohmann::ordered_json& report);

}  // namespace lineament
