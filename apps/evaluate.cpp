// lineament evaluate: how far a trained network's answers lie from labelled faces.
#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "apps/commands.h"
#include "apps/number_option.h"
#include "apps/options.h"
#include "base/json.h"
#include "data/metrics.h"
#include "network/members.h"
#include "train/checkpoint.h"
#include "train/config.h"
#include "train/settings.h"
#include "train/training_data.h"

namespace lineament {
namespace {

struct EvaluateArguments {
  TrainedOptions trained;
  std::string data, split = "dev";
  int dev_rows = 0;
  bool json = false;
};

struct Measured {
  std::string source;  // "dev faces of training.zip", and what there is to say against them
  Faces faces;
  std::optional<size_t> trained_on = {};  // of the dev faces, by any of the runs; none where that cannot be told
};

/// A run, or a training in folds by its first fold; of a stack each is one.
struct TrainedRun {
  std::string name;
  CheckpointInfo info;
  TrainConfig config;
  bool in_folds;  // then it was trained on all rows that train, one fold on a part of them
};

std::vector<TrainedRun> read_runs(const EvaluateArguments& options) {
  std::vector<TrainedRun> runs;
  for (const std::string& name : options.trained.from) {
    for (const std::filesystem::path& run : runs_of(name)) {
      const std::vector<std::filesystem::path> files = checkpoints_of(run);
      CheckpointInfo info = read_checkpoint_info(files[0]);
      TrainConfig config = parse_config(info.config);
      runs.push_back({run.string(), std::move(info), std::move(config), files.size() > 1});
    }
  }
  return runs;
}

/// No run may have seen what it is measured on. What was said to a run that split its data so is not asked again.
void look_for_trained_on(Measured& measured, const TrainConfig& config, const std::string& data,
                         const std::vector<TrainedRun>& runs) {
  measured.trained_on = 0;
  for (const TrainedRun& run : runs) {
    if (to_json(data_settings(run.config)) == to_json(data_settings(config))) continue;
    try {
      TrainConfig trained = run.config;
      if (run.in_folds) trained.fold = {};
      const size_t seen = count_trained_on(measured.faces, data, trained, run.info.spec.set);
      if (seen > 0) measured.source += fmt::format(", {} of which {} was trained on", seen, run.name);
      if (measured.trained_on) measured.trained_on = std::max(*measured.trained_on, seen);
    } catch (const InputError& error) {
      measured.source += fmt::format(" (whether {} was trained on any of them cannot be told: {})", run.name, error.what());
      measured.trained_on.reset();
    }
  }
}

/// What is not said is as the first run was trained: the same data gives the same dev set.
Measured read_measured(const EvaluateArguments& options, const KeypointSet& set) {
  const std::vector<TrainedRun> runs = read_runs(options);
  TrainConfig config = runs[0].config;
  if (!options.data.empty()) config.data = options.data, config.dev_data = "", config.rows = 0;
  if (options.dev_rows > 0) {
    config.dev_rows = options.dev_rows;
    config.dev_every = 0, config.dev_share = 0, config.dev_data = "";
  }
  const std::string& data = options.split == "dev" && !config.dev_data.empty() ? config.dev_data : config.data;
  std::string source = fmt::format("{} faces of {}", options.split, data.empty() ? "the drawn data set" : data);
  std::vector<std::string> notes;
  const auto part = [&] {
    if (options.split == "all") return load_faces(config, &notes, &set);
    Split split = load_split(config, &notes, &set);
    const std::vector<DataUse>& before = runs[0].info.data;
    if (to_json(data_settings(config)) == to_json(data_settings(runs[0].config)) && !before.empty() &&
        !before.back().same_data(use_of(split)))
      source += fmt::format(", which is not what {} was trained on", runs[0].name);
    if (options.split == "dev") return std::move(split.dev);
    if (runs[0].in_folds) split.train.append(split.left_out);
    return std::move(split.train);
  };
  Measured measured{.source = "", .faces = part()};
  measured.source = std::move(source);
  if (options.split == "dev") look_for_trained_on(measured, config, data, runs);
  for (const std::string& note : notes) fmt::print(stderr, "{}\n", note);
  return measured;
}

/// What a face's error is a share of.
std::string scale_name(const KeypointSet& set) {
  const auto names = [&](const std::vector<int>& group) {
    std::vector<std::string> points;
    for (const int k : group) points.push_back(set.points[k]);
    return fmt::format("{}", fmt::join(points, "+"));
  };
  if (set == contest15()) return "the distance between the eyes";
  if (set.scale[0].empty()) return "the root of the area of its points' box";
  return fmt::format("the distance from {} to {}", names(set.scale[0]), names(set.scale[1]));
}

void print_table(const Metrics& metrics, const KeypointSet& set) {
  fmt::print("  MSE           {:8.3f}  px^2, over {} coordinates\n", metrics.mse, metrics.coordinates);
  fmt::print("  RMSE          {:8.3f}  px\n", metrics.rmse);
  fmt::print("  MAE           {:8.3f}  px\n", metrics.mae);
  fmt::print(
      "  accuracy      {:8.2f}  % of {} complete faces (Keras: the largest of {} outputs is the right one)\n",
      100 * metrics.accuracy, metrics.accuracy_faces, set.coordinates());
  fmt::print("  NME           {:8.3f}  % of {}, over {} faces\n", 100 * metrics.nme, scale_name(set), metrics.nme_faces);
  for (const auto& [rate, limit] : {std::pair{metrics.failure_rate, Metrics::kFailure},
                                    {metrics.strict_failure_rate, Metrics::kStrictFailure}})
    fmt::print("  failures      {:8.2f}  % of faces with an NME above {:.0f} %\n", 100 * rate, 100 * limit);
  fmt::print("  AUC           {:8.2f}  % under the cumulative error curve up to {:.0f} %\n\n", 100 * metrics.auc,
             100 * Metrics::kStrictFailure);
  fmt::print("  keypoint                    error [px]\n");
  for (int i = 0; i < set.size(); ++i) fmt::print("  {:<26} {:10.3f}\n", set.points[i], metrics.point_error[i]);
}

void print_json(const EvaluateArguments& options, const Ensemble& predictor, const Measured& measured,
                const Metrics& metrics, const KeypointSet& set) {
  const auto number = [](double value) {
    return std::isfinite(value) ? nlohmann::ordered_json(value) : nullptr;
  };
  nlohmann::ordered_json page = {{"run", fmt::format("{}", fmt::join(options.trained.from, " "))},
                                 {"model", predictor.model_name()},
                                 {"faces", metrics.faces},
                                 {"source", measured.source},
                                 {"trained_on", measured.trained_on ? nlohmann::ordered_json(*measured.trained_on) : nullptr},
                                 {"coordinates", metrics.coordinates},
                                 {"mse", number(metrics.mse)},
                                 {"rmse", number(metrics.rmse)},
                                 {"mae", number(metrics.mae)},
                                 {"accuracy", number(metrics.accuracy)},
                                 {"nme", number(metrics.nme)},
                                 {"failure_rate", number(metrics.failure_rate)},
                                 {"failure_rate_8", number(metrics.strict_failure_rate)},
                                 {"auc_8", number(metrics.auc)}};
  std::vector<double> limits;
  for (int percent = 1; percent <= 10; ++percent) limits.push_back(percent / 100.0);
  page["error_curve"] = {{"nme", limits}, {"share", cumulative_shares(metrics.face_nme, limits)}};
  for (int i = 0; i < set.size(); ++i) page["point_error"][set.points[i]] = number(metrics.point_error[i]);
  fmt::print("{}\n", json_text(page, 2));
}

void run(const EvaluateArguments& options) {
  Ensemble predictor = load_trained(options.trained);
  Measured measured = read_measured(options, predictor.set());
  if (!answers(predictor.set(), measured.faces.set))  // then labels may be had in the network's points
    measured.faces = with_set(std::move(measured.faces), predictor.set());
  const KeypointSet& set = measured.faces.set;
  MetricsAccumulator sums(set);
  sums.add(predictor.predict(measured.faces, set), measured.faces.keypoints);
  const Metrics metrics = sums.result();
  if (options.json) return print_json(options, predictor, measured, metrics, set);
  fmt::print("{} ({}, {} parameters) on {} {}\n\n", fmt::join(options.trained.from, " "),
             predictor.model_name(), predictor.parameters(), metrics.faces, measured.source);
  print_table(metrics, set);
}

}  // namespace

void add_evaluate(CLI::App& app) {
  CLI::App* command = app.add_subcommand("evaluate", "Measure a trained network on labelled faces");
  auto options = std::make_shared<EvaluateArguments>();
  add_trained(*command, options->trained);
  command
      ->add_option("--data", options->data,
                   "Labelled faces; without it, those that the run was trained with.")
      ->type_name("PATH")
      ->group("What it is measured on");
  command->add_option("--split", options->split, "dev (rows never trained on), train or all.")
      ->type_name("PART")
      ->check(CLI::IsMember({"dev", "train", "all"}))
      ->group("What it is measured on")
      ->capture_default_str();
  add_number(*command, "--dev-rows", "N", "Complete rows in the dev set; 0: as many as in the run.",
             bounds_of<int>("--dev-rows"), options->dev_rows)
      ->group("What it is measured on");
  command->add_flag("--json", options->json, "Print JSON, not a table.")->group("What comes out");
  command->callback([options] {
    if (options->split == "all" && options->dev_rows > 0) fail_input("--dev-rows: --split all has no dev set");
    run(*options);
  });
}

}  // namespace lineament
