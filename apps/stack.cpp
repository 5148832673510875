// lineament stack: several trainings in folds become one that answers with the best linear combination of theirs.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "apps/commands.h"
#include "apps/number_option.h"
#include "base/check.h"
#include "base/folder_lock.h"
#include "base/inputs.h"
#include "base/paths.h"
#include "train/stacking.h"

namespace lineament {
namespace {

namespace fs = std::filesystem;

struct StackArguments {
  std::string out;
  std::vector<std::string> runs;
  double ridge = kUsualRidge;
};

/// A run's own folder is no place for a stack: its name would mean both.
void expect_place(const fs::path& out) {
  for (const char* file : {"config.json", "model.safetensors", "out_of_fold.csv"})
    if (is_there(out / file))
      fail_input("{}: holds a run already ({}): a stack takes a folder of its own", out.string(), file);
}

void print_table(const StackArguments& options, const Stacking& result) {
  size_t width = 40;
  for (const std::string& run : options.runs) width = std::max(width, run.size() + 1);
  const auto line = [&](const std::string& what, double mse) { fmt::print("  {:<{}}{:>10.4f}\n", what, width, mse); };
  fmt::print("out of fold, {} faces\n\n  {:<{}}{:>10}\n", result.faces, "", width, "MSE [px^2]");
  for (size_t run = 0; run < options.runs.size(); ++run) line(options.runs[run], result.run_mse[run]);
  line("their mean", result.mean_mse);
  line("the stack, each part fitted without it", result.stack_mse);
  fmt::print("\n  {:<{}}{:>10}{:>10}{:>10}\n", "weight, over the points", width, "mean", "least", "most");
  for (size_t run = 0; run < options.runs.size(); ++run) {
    const std::vector<double>& weights = result.stack.blend.weights[run];
    double sum = 0;
    for (const double weight : weights) sum += weight;
    fmt::print("  {:<{}}{:>10.3f}{:>10.3f}{:>10.3f}\n", options.runs[run], width,
               sum / static_cast<double>(weights.size()), std::ranges::min(weights), std::ranges::max(weights));
  }
  fmt::print("\n{}\n", (fs::path(options.out) / "stack.json").string());
}

void run(const StackArguments& options) {
  expect_place(options.out);
  for (size_t i = 0; i < options.runs.size(); ++i)
    for (size_t k = 0; k < i; ++k)
      if (is_there(options.runs[i]) && is_there(options.runs[k]) && fs::equivalent(options.runs[i], options.runs[k]))
        fail_input("{}: said twice, as {} too", options.runs[i], options.runs[k]);
  const FolderLock lock(options.out);
  const std::vector<fs::path> runs(options.runs.begin(), options.runs.end());
  const Stacking result = stack_runs(options.out, runs, options.ridge);
  write_stack(options.out, result.stack);
  print_table(options, result);
}

}  // namespace

void add_stack(CLI::App& app) {
  CLI::App* command = app.add_subcommand("stack", "Fit the best linear combination of several trainings in folds");
  auto options = std::make_shared<StackArguments>();
  command->add_option("OUT", options->out, "A folder for it, with stack.json; one that is there is replaced.")
      ->required();
  command
      ->add_option("RUN", options->runs,
                   "Folders of `lineament train --folds`, of the same rows; one alone gains its offsets.")
      ->required();
  add_number(*command, "--ridge", "X",
             "How strongly weights are drawn to equal ones: X is the belief that they lie about 1/sqrt(X) from these.",
             above(0.0), options->ridge);
  command->footer(
      "For each point the weights, which sum to 1, and an offset for x and y, fitted to the labels of rows that a\n"
      "network has not seen (out_of_fold.csv). Where a run is asked for, OUT is one: evaluate, predict, submit.\n"
      "\nExample\n"
      "  lineament train --recipe quick --data training.zip --folds 5 --out runs/a\n"
      "  lineament train --recipe quick --data training.zip --folds 5 --seed 2 --out runs/b\n"
      "  lineament stack runs/ab runs/a runs/b && lineament evaluate runs/ab --mirror");
  command->callback([options] {
    const InputsSpared spared;
    run(*options);
  });
}

}  // namespace lineament
