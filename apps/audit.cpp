// lineament audit: rows whose labels are probably wrong, for somebody to look at.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "apps/commands.h"
#include "apps/number_option.h"
#include "apps/options.h"
#include "base/atomic_file.h"
#include "base/check.h"
#include "base/inputs.h"
#include "base/paths.h"
#include "data/formats/csv.h"
#include "models/backbones.h"
#include "models/maps.h"
#include "report/run_watch.h"
#include "report/sheet.h"
#include "train/audit.h"
#include "train/folds.h"
#include "train/recipe.h"

namespace lineament {
namespace {

namespace fs = std::filesystem;

struct AuditArguments {
  std::string data, run, recipe, out = "lineament-audit";
  std::vector<std::string> settings;
  int folds = 3;
  size_t first = 48;
  int threads = 0;
};

constexpr size_t kPrinted = 10;

/// A short training: labels that are wrong by more than a small network's error are what is looked for.
TrainConfig usual_training() {
  TrainConfig config = read_recipe("quick");
  set_values(config, std::vector<std::string>{"model=maps_small", "loss=laplace", "epochs=10", "batch=16",
                                              "schedule.warmup_epochs=1", "average.decay=0.98"});
  return config;
}

TrainConfig config_of(const AuditArguments& options) {
  TrainConfig config = options.recipe.empty() ? usual_training() : read_recipe(options.recipe);
  config.data = options.data;
  set_values(config, options.settings);
  const bool says_loss = std::ranges::any_of(options.settings, [](const std::string& s) { return s.starts_with("loss="); });
  if (options.recipe.empty() && !says_loss && !find_map_network(config.model) && !find_backbone(config.model))
    config.loss.reset();  // the usual one is of deviations, which the study's own networks do not predict
  if (config.data != options.data) fail_input("--set data: the data to audit is said once, {}", options.data);
  if (config.dev_rows == 0 && config.dev_every == 0 && config.dev_share == 0 && config.dev_data.empty())
    config.dev_share = 0.1;
  config.fold = {.of = options.folds, .part = 0};
  if (options.threads > 0) config.threads = options.threads;
  config.out = (fs::path(options.out) / "folds").string();
  validate(config);
  return config;
}

/// The training in folds that answers: the one that is named, or one that is trained now, or goes on.
fs::path answering(const AuditArguments& options) {
  if (!options.run.empty()) return options.run;
  const TrainConfig config = config_of(options);
  train_folds(config, {.resume = is_there(fs::path(config.out) / "config.json")}, watch_fold);
  return config.out;
}

void write_csv(const fs::path& path, const Audit& found) {
  const Faces& faces = found.faces;
  const bool named = !faces.names.empty();
  AtomicFile file(path);
  file.write(fmt::format("row,{}point,error,score\n", named ? "photograph," : ""));
  for (const Suspect& suspect : found.suspects)
    file.write(fmt::format("{},{}{},{:.3f},{:.3f}\n", faces.ids[suspect.row],
                           named ? csv_field(faces.names[suspect.row]) + "," : "",
                           faces.set.points[static_cast<size_t>(suspect.worst)], suspect.error, suspect.score));
  file.commit();
}

void draw_sheet(const fs::path& path, const Audit& found, size_t first) {
  std::vector<size_t> rows;
  std::vector<Keypoints> answers;
  for (const Suspect& suspect : std::span(found.suspects).first(std::min(first, found.suspects.size()))) {
    rows.push_back(suspect.row);
    answers.push_back(found.answers[suspect.row]);
  }
  write_png(path, sheet(found.faces, rows, answers));
}

void print_table(const Audit& found) {
  const Faces& faces = found.faces;
  fmt::print("\n{} of {} rows have a label; the most suspicious\n\n  {:>8}{:>10}{:>13}  {}\n", found.suspects.size(),
             faces.size(), "row", "score", "error [px]", "point");
  for (const Suspect& suspect : std::span(found.suspects).first(std::min(kPrinted, found.suspects.size())))
    fmt::print("  {:>8}{:>10.2f}{:>13.2f}  {}{}\n", faces.ids[suspect.row], suspect.score, suspect.error,
               faces.set.points[static_cast<size_t>(suspect.worst)],
               faces.names.empty() ? "" : fmt::format(" of {}", faces.names[suspect.row]));
}

void run(const AuditArguments& options) {
  set_threads(options.threads);
  const fs::path csv = fs::path(options.out) / "audit.csv", png = fs::path(options.out) / "audit.png";
  if (is_there(csv) && is_there(options.data) && fs::equivalent(csv, options.data))
    fail_input("{}: is an input, and would be written over: name another --out", options.data);
  const fs::path folds = answering(options);
  const InputsSpared spared;  // from here on: a training rewrites its own
  const Audit found = audit(folds, options.data);
  make_folder(options.out);
  write_csv(csv, found);
  draw_sheet(png, found, options.first);
  print_table(found);
  fmt::print("\n{}  all of them\n{}  the first {}: labels green, answers orange\n", csv.string(), png.string(),
             std::min(options.first, found.suspects.size()));
}

}  // namespace

void add_audit(CLI::App& app) {
  CLI::App* command = app.add_subcommand("audit", "Find rows whose labels are probably wrong");
  auto options = std::make_shared<AuditArguments>();
  command->add_option("DATA", options->data, "As `lineament train --data` takes it.")->required();
  CLI::Option* run_option =
      command
          ->add_option("--run", options->run,
                       "A folder of `lineament train --folds` of this data; without it a small network is "
                       "trained in folds, minutes on two cores.")
          ->type_name("RUN")
          ->group("Whose answers");
  command
      ->add_option("--recipe", options->recipe,
                   "Train this instead: a recipe by its name, or a file of your own, NAME.toml.")
      ->type_name("NAME")
      ->group("Whose answers")
      ->excludes(run_option);
  command
      ->add_option("--set", options->settings,
                   "A setting of that training, such as epochs=30 or points=ibug68; may be said again.")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false)
      ->group("Whose answers")
      ->excludes(run_option);
  add_number(*command, "--folds", "K", "Its folds.", within(2, 100), options->folds)
      ->group("Whose answers")
      ->excludes(run_option);
  add_threads(*command, options->threads)->group("Where it runs");
  command
      ->add_option("--out", options->out,
                   "Folder for audit.csv, audit.png and the training (folds), which goes on there if stopped.")
      ->type_name("FOLDER")
      ->group("What comes out")
      ->capture_default_str();
  add_number(*command, "--first", "N", "How many faces are drawn in audit.png.", within<size_t>(1, 1000),
             options->first)
      ->group("What comes out");
  command->footer(
      "A row is suspicious where its label lies further from the answer of a network that has not seen it than is\n"
      "to be expected: of its worst point, or of all its points together. The score is that distance, on a scale of\n"
      "logarithms, from the median row, in median distances from it. Rows that measure (a tenth of all, where --set\n"
      "does not say which) are answered by the mean of the folds. audit.csv: row (from 1), the photograph where there\n"
      "is one, the worst point, its error in px, the score; worst first.");
  command->callback([options] { run(*options); });
}

}  // namespace lineament
