#include "apps/options.h"

#include "apps/choice_option.h"
#include "base/check.h"
#include "tensor/backend.h"

namespace lineament {

void add_trained(CLI::App& command, TrainedOptions& options, Runs runs) {
  constexpr char kRun[] = "A run folder of `lineament train` (its best weights), or a checkpoint file";
  if (runs == Runs::all) {
    command.add_option("RUN", options.from, fmt::format("{}; several answer together, by their mean.", kRun))
        ->required();
  } else {
    options.from.resize(1);
    command.add_option("RUN", options.from[0], fmt::format("{}.", kRun))->required();
    command.add_option("--with", options.with, "Another run to answer together with it; may be said again.")
        ->type_name("RUN")
        ->allow_extra_args(false);
  }
  command.add_flag("--mirror", options.mirror, "Ask about the mirror image too, and answer with the mean.");
  add_choice(command, "--device", "NAME", kDeviceText, options.device)->group("Where it runs");
  add_choice(command, "--precision", "NAME", kPrecisionText, options.precision)->group("Where it runs");
  command.add_option("--threads", options.threads, "CPU threads; 0: as many as may run at once.")
      ->type_name("N")
      ->group("Where it runs")
      ->capture_default_str();
}

Ensemble load_trained(const TrainedOptions& options) {
  if (options.threads < 0) fail_input("--threads {}: expected 0 or more", options.threads);
  set_threads(options.threads);
  std::vector<std::string> runs = options.from;
  runs.insert(runs.end(), options.with.begin(), options.with.end());
  return Ensemble::load(runs, options.mirror, options.device, options.precision);
}

}  // namespace lineament
