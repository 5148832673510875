#include "apps/options.h"

#include <algorithm>

#include "apps/choice_option.h"
#include "apps/number_option.h"
#include "base/check.h"
#include "base/shown.h"
#include "tensor/backend.h"
#include "train/recipe.h"

namespace lineament {

CLI::Option* add_threads(CLI::App& command, int& threads) {
  return add_number(command, "--threads", "N", "CPU threads; 0: as many as may run at once.", bounds_of<int>("--threads"),
                    threads);
}

void set_read_values(TrainConfig& config, const std::vector<std::string>& assignments,
                     std::initializer_list<std::string_view> read) {
  set_values(config, assignments);
  for (const std::string& assignment : assignments)
    if (std::ranges::none_of(read, [&](std::string_view key) { return assignment.starts_with(key); }))
      fail_input("--set {}: nothing would read it here, expected one of {}", shown(assignment), fmt::join(read, ", "));
}

void add_trained(CLI::App& command, TrainedOptions& options, Runs runs) {
  constexpr char kRun[] =
      "A run folder of `lineament train` (its best weights; of --folds the mean of all), of `lineament stack`, a checkpoint file, "
      "or default: the model built in";
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
  add_threads(command, options.threads)->group("Where it runs");
}

Ensemble load_trained(const TrainedOptions& options) {
  set_threads(options.threads);
  std::vector<std::string> runs = options.from;
  runs.insert(runs.end(), options.with.begin(), options.with.end());
  return Ensemble::load(runs, options.mirror, options.device, options.precision);
}

}  // namespace lineament
