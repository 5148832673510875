#include "apps/options.h"

#include "tensor/backend.h"
#include "tensor/check.h"

namespace lineament {

void add_trained(CLI::App& command, TrainedOptions& options) {
  command
      .add_option("RUN", options.from,
                  "A run folder of `lineament train` (its best weights), or a checkpoint file.")
      ->required();
  command.add_option("--device", options.device, "cpu, or cuda where it is built in.")
      ->type_name("NAME")
      ->group("Where it runs")
      ->capture_default_str();
  command.add_option("--threads", options.threads, "CPU threads; 0: one for each core.")
      ->type_name("N")
      ->group("Where it runs")
      ->capture_default_str();
}

Predictor load_trained(const TrainedOptions& options) {
  if (options.threads < 0) fail_input("--threads {}: expected 0 or more", options.threads);
  set_threads(options.threads);
  return Predictor::load(options.from, options.device);
}

std::filesystem::path checkpoint_of(const TrainedOptions& options) {
  const std::filesystem::path path = options.from;
  return std::filesystem::is_directory(path) ? path / "model.safetensors" : path;
}

}  // namespace lineament
