// lineament study: recipes one after another, each in its folder, however often it is stopped; then one page
// of them all.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "apps/choice_option.h"
#include "apps/commands.h"
#include "apps/number_option.h"
#include "base/check.h"
#include "base/paths.h"
#include "base/toml.h"
#include "models/backbones.h"
#include "network/saved_network.h"
#include "report/progress.h"
#include "report/report.h"
#include "report/run_watch.h"
#include "train/recipe.h"
#include "train/settings.h"
#include "train/trainer.h"

namespace lineament {
namespace {

namespace fs = std::filesystem;

struct StudyArguments {
  std::string data, out = "runs/study", weights;
  std::vector<std::string> recipes, settings;
  int epochs = 0;  // 0: as each recipe says
  bool small = false;
};

/// A recipe and what is to become of it. `failure` is one line, empty where there is none.
struct Entry {
  std::string name;
  TrainConfig config;
  std::string failure = {};

  fs::path folder() const { return config.out; }
};

TrainConfig config_of(const std::string& recipe, const std::string& name, const StudyArguments& options) {
  TrainConfig config = read_recipe(recipe);
  if (!options.data.empty()) config.data = options.data;
  set_values(config, options.settings);
  if (options.epochs > 0) {
    config.epochs = std::min(config.epochs, options.epochs);
    for (Stage& stage : config.stages) stage.epochs = std::min(stage.epochs, options.epochs);
  }
  if (config.fold.is_all())
    fail_input("fold.of {}: a study trains each recipe once; lineament train --folds does it in folds", config.fold.of);
  config.out = (fs::path(options.out) / name).string();
  validate(config);
  return config;
}

/// What is said once for all recipes; a name that is none or a file that is not there is a word said wrong.
void expect_sound(const StudyArguments& options, const std::vector<std::string>& chosen) {
  if (!options.data.empty() && !is_there(options.data))
    fail_input("{}: no such data, expected a folder, training.csv or .zip", options.data);
  TrainConfig any;
  for (const std::string& setting : options.settings) set_value(any, setting);
  for (const std::string& recipe : chosen)
    if (!is_toml_file(recipe) || !is_there(recipe)) read_recipe(recipe);
}

/// What is wrong with one recipe or its folder is that recipe's failure: the others go on.
template <class F>
void try_entry(Entry& entry, F work) {
  if (!entry.failure.empty()) return;
  try {
    work();
  } catch (const InputError& error) {
    entry.failure = error.what();
  } catch (const RunError& error) {  // a loss that is no number any more
    entry.failure = error.what();
  }
}

std::vector<Entry> entries_of(const StudyArguments& options) {
  std::vector<std::string> chosen = options.recipes;
  if (chosen.empty())
    for (const Recipe& recipe : study_recipes()) chosen.emplace_back(recipe.name);
  expect_sound(options, chosen);
  std::vector<Entry> entries;
  for (const std::string& recipe : chosen) {
    const std::string name = is_toml_file(recipe) ? fs::path(recipe).stem().string() : recipe;
    if (std::ranges::find(entries, name, &Entry::name) != entries.end())
      fail_input("--recipes {}: {} is there twice, and each needs a folder of its own", recipe, name);
    Entry entry{.name = name, .config = {}};
    try_entry(entry, [&] { entry.config = config_of(recipe, name, options); });
    if (options.small && entry.failure.empty() && find_backbone(entry.config.model)) continue;
    entries.push_back(std::move(entry));
  }
  if (entries.empty()) fail_input("--small: none of the chosen recipes is small");
  return entries;
}

/// Where there is a run already, it must be this one: else the command is another than the one that began it.
void require_same_settings(Entry& entry) {
  TrainConfig wanted = entry.config, started = wanted;
  try_entry(entry, [&] {
    if (is_there(entry.folder() / "config.json")) started = RunFolder::open(entry.folder()).read_config();
  });
  for (TrainConfig* config : {&started, &wanted}) {
    config->weights = fs::path(config->weights).filename().string();  // wherever it was found
    for (Stage& stage : config->stages) stage.epochs = 1;
  }
  const auto differing = differences(without_circumstances(started), without_circumstances(wanted));
  if (differing.empty()) return;
  const Difference& first = differing[0];
  fail_input("{}: was started with {} = \"{}\", not \"{}\": name another --out, or delete that folder",
             entry.folder().string(), first.key, first.a, first.b);
}

/// Where a recipe's file of weights lies; empty where it does not.
fs::path find_weights(const std::string& file, const StudyArguments& options) {
  const fs::path given = file,
                 study = fs::absolute(fs::path(options.out) / "").lexically_normal().parent_path();
  if (is_there(given)) return given;
  if (!options.weights.empty())
    return is_there(options.weights / given) ? options.weights / given : fs::path();
  const fs::path beside = study.parent_path() / "weights" / given;
  return is_there(beside) ? fs::relative(beside) : fs::path();
}

void run_entry(Entry& entry, const StudyArguments& options) {
  const bool started = is_there(entry.folder() / "config.json");
  if (!is_there(entry.folder() / "last.safetensors") && !entry.config.weights.empty()) {
    const fs::path weights = find_weights(entry.config.weights, options);
    if (weights.empty()) {
      entry.failure = fmt::format(
          "{} is not here: get it by `lineament weights fetch {}` (--weights FOLDER says where it lies), "
          "or --set weights= to start from random ones",
          entry.config.weights, entry.config.model);
      return;
    }
    entry.config.weights = weights.string();
  }
  train(entry.config, {.resume = started}, watch_run(entry.config));
}

/// One line that may follow another on the page.
void print_heading(size_t number, size_t count, const Entry& entry, const std::string& what) {
  fmt::print("{}[{}/{}] {}: {}\n", number > 1 ? "\n" : "", number, count, entry.name, what);
  std::fflush(stdout);
}

void run_all(std::vector<Entry>& entries, const StudyArguments& options) {
  for (size_t i = 0; i < entries.size(); ++i) {
    Entry& entry = entries[i];
    bool done = false, begun = false;
    try_entry(entry, [&] {
      done = is_finished(entry.folder(), entry.config) && is_there(entry.folder() / "model.safetensors");
      begun = is_there(entry.folder() / "last.safetensors");
    });
    const bool sound = entry.failure.empty();
    print_heading(i + 1, entries.size(), entry, !sound ? "cannot begin" : done ? "is done" : begun ? "goes on" : "begins");
    if (!done) try_entry(entry, [&] { run_entry(entry, options); });
    if (!entry.failure.empty()) fmt::print("{}: {}\n", entry.name, entry.failure);
  }
}

void print_table(const std::vector<FinishedRun>& runs) {
  fmt::print("\n{:<26}{:>12}{:>10}{:>10}{:>9}{:>8}{:>10}{:>10}\n", "recipe", "parameters", "dev MSE",
             "accuracy", "NME", "epochs", "time", "images/s");
  for (const FinishedRun& run : runs) {
    const RunResult& r = run.result;
    fmt::print("{:<26}{:>12}{:>10.3f}{:>8.1f} %{:>7.2f} %{:>8}{:>10}{:>10.0f}\n", run.name, r.parameters,
               r.dev.mse, 100 * r.dev.accuracy, 100 * r.dev.nme, r.epochs, format_seconds(r.seconds),
               r.images_per_second);
  }
}

void run(const StudyArguments& options) {
  std::vector<Entry> entries = entries_of(options);
  for (Entry& entry : entries) require_same_settings(entry);
  if (std::ranges::none_of(entries, [](const Entry& entry) { return entry.failure.empty(); }))
    fail_input("{}: {}", entries[0].name, entries[0].failure);
  run_all(entries, options);

  std::vector<FinishedRun> runs;
  std::vector<std::string> failed;
  for (Entry& entry : entries) {
    try_entry(entry, [&] {
      FinishedRun run = read_finished_run(entry.folder());
      read_spec(entry.folder() / "model.safetensors");  // answers on the page
      runs.push_back(std::move(run));
    });
    if (!entry.failure.empty()) failed.push_back(entry.name);
  }
  if (!runs.empty()) {
    print_table(runs);
    const fs::path page = fs::path(options.out) / "report.html";
    write_report(page, runs);
    fmt::print("\n{}\n", page.string());
  }
  if (!failed.empty())
    fail_run("{} of {} recipes are not done: {}", failed.size(), entries.size(), fmt::join(failed, ", "));
}

}  // namespace

void add_study(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("study", "Train recipes one after another, and show them all on one page");
  auto options = std::make_shared<StudyArguments>();
  command->add_option("--data", options->data, "As `lineament train` takes it; without it, drawn faces.")
      ->type_name("PATH")
      ->group("What is done");
  command
      ->add_option("--recipes", options->recipes,
                   "Some of the list below, and files of your own, NAME.toml, with commas between; without "
                   "it, the whole list.")
      ->type_name("LIST")
      ->delimiter(',')
      ->group("What is done");
  command->add_flag("--small", options->small, "Only networks without a backbone: hours on a CPU, not weeks.")
      ->group("What is done");
  add_number(*command, "--epochs", "N", "At most so many in each stage of each recipe; 0: as the recipes say.", at_least(0),
             options->epochs)
      ->group("What is done");
  command
      ->add_option("--set", options->settings,
                   "A setting for all of them, such as device=cuda or rows=500; may be said again.")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false)
      ->group("What is done");
  const auto add_setting = [&]<Chosen E>(E, const char* option, const char* key, const char* text) {
    add_choice_function<E>(*command, option, "NAME", text, "", [options, key](E said) {
      options->settings.push_back(fmt::format("{}={}", key, name_of(said)));
    })->group("Where it runs");
  };
  add_setting(Device(), "--device", "device", kDeviceText);
  add_setting(Precision(), "--precision", "precision", kPrecisionText);
  command
      ->add_flag_callback(
          "--deterministic", [options] { options->settings.emplace_back("deterministic=true"); },
          "On cuda: the same bits in every run.")
      ->group("Where it runs");
  command
      ->add_option("--weights", options->weights,
                   "Where the recipes' files of weights lie; without it, here or in `weights` beside the "
                   "study's folder.")
      ->type_name("FOLDER")
      ->group("What is done");
  command
      ->add_option("--out", options->out,
                   "Each recipe goes into a folder of its own in there; report.html joins them.")
      ->type_name("FOLDER")
      ->group("What comes out")
      ->capture_default_str();
  std::string list = "Recipes\n";
  for (const Recipe& recipe : study_recipes())
    list += fmt::format("  {:<26}  {}\n", recipe.name, recipe.toml.substr(2, recipe.toml.find('\n') - 2));
  command->footer(
      list +
      "\nWhat is done is left alone and what was stopped goes on: the same line again is how to continue.\n"
      "\nExamples\n"
      "  lineament study --small --data training.zip\n"
      "  lineament study --recipes baseline,CNN_noNA1,mine.toml --epochs 20 --out runs/mine");
  command->callback([options] { run(*options); });
}

}  // namespace lineament
