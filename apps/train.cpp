// lineament train: what is said on the command line becomes a TrainConfig; the trainer does the rest.
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/choice_option.h"
#include "apps/commands.h"
#include "apps/number_option.h"
#include "base/shown.h"
#include "base/paths.h"
#include "base/text_file.h"
#include "network/losses.h"
#include "report/progress.h"
#include "report/run_watch.h"
#include "train/folds.h"
#include "train/recipe.h"
#include "train/run_folder.h"
#include "train/settings.h"
#include "train/trainer.h"

namespace lineament {
namespace {

constexpr bool kMayChange = true;  // a resumed run may be told otherwise than it began

/// One setting that was said, to be made in whatever config the run starts from.
struct Change {
  std::string option;
  bool may_change;
  std::function<void(TrainConfig&)> make;
};

struct TrainArguments {
  std::string config, recipe;
  StartOptions start;
  std::vector<Change> changes;
};

/// "128x160" or "128" as width and height.
void set_size(PictureShape& picture, std::string_view said) {
  const size_t cross = std::min(said.find('x'), said.size());
  const auto side = [&](std::string_view text) {
    const std::optional<int> value = read_number<int>(text);
    if (!value || *value < 1)
      fail_input("--size {}: expected such as 128 or 128x160, width x height in px", shown(said));
    return *value;
  };
  picture.width = side(said.substr(0, cross));
  picture.height = cross < said.size() ? side(said.substr(cross + 1)) : picture.width;
}

/// Adds options that set a member of TrainConfig, of its head or of its optimiser;
/// the default shown is the member's own.
class OptionPage {
 public:
  OptionPage(CLI::App& command, std::shared_ptr<TrainArguments> options)
      : command_(command), options_(std::move(options)) {}

  void group(const char* title) { group_ = title; }

  template <class T>
  void add(const char* option, T TrainConfig::*member, const char* value, const std::string& text,
           bool may_change = false) {
    add<T>(option, value, text, may_change, [member](TrainConfig& config) -> T& { return config.*member; });
  }
  template <Chosen E>
  void add(const char* option, std::optional<E> TrainConfig::*member, const char* value,
           const std::string& text) {
    add<E>(option, value, text, false,
           [member](TrainConfig& config) -> std::optional<E>& { return config.*member; });
  }
  template <class T, class Group>
  void add(const char* option, Group TrainConfig::*group, T Group::*member, const char* value, const std::string& text) {
    add<T>(option, value, text, false,
           [group, member](TrainConfig& config) -> T& { return config.*group.*member; });
  }
  template <class T>
  void add(const char* option, T HeadOptions::*member, const char* value, const std::string& text) {
    add<T>(option, value, text, false, [member](TrainConfig& config) -> T& { return config.head.*member; });
  }
  template <class T>
  void add(const char* option, T OptimizerOptions::*member, const char* value, const std::string& text) {
    add<T>(option, value, text, false,
           [member](TrainConfig& config) -> T& { return config.optimizer.*member; });
  }

 private:
  template <class T, class Reach>
  void add(const char* option, const char* value, const std::string& text, bool may_change, Reach reach) {
    TrainConfig defaults;
    command_.add_option_function<T>(option, changer<T>(option, may_change, reach), text)
        ->type_name(value)
        ->group(group_)
        ->default_str(fmt::format("{}", reach(defaults)));
  }
  template <Number T, class Reach>
  void add(const char* option, const char* value, const std::string& text, bool may_change, Reach reach) {
    TrainConfig defaults;
    add_number_function<T>(command_, option, value, text, bounds_of<T>(option), fmt::format("{}", reach(defaults)),
                           changer<T>(option, may_change, reach))
        ->group(group_);
  }
  template <Chosen E, class Reach>
  void add(const char* option, const char* value, const std::string& text, bool may_change, Reach reach) {
    TrainConfig defaults;
    const std::optional<E> usual = reach(defaults);
    add_choice_function<E>(command_, option, value, text, usual ? name_of(*usual) : "",
                           changer<E>(option, may_change, reach))
        ->group(group_);
  }

  /// Takes what was said, for whatever config the run starts from.
  template <class T, class Reach>
  auto changer(const char* option, bool may_change, Reach reach) {
    return [options = options_, option, may_change, reach](const T& said) {
      options->changes.push_back({option, may_change, [=](TrainConfig& config) { reach(config) = said; }});
    };
  }

  CLI::App& command_;
  std::shared_ptr<TrainArguments> options_;
  std::string group_;
};

void add_options(CLI::App& command, const std::shared_ptr<TrainArguments>& options) {
  OptionPage page(command, options);
  page.group("What it learns from");
  page.add("--data", &TrainConfig::data, "PATH",
           "A folder, training.csv or .zip as the contest gives them; a folder of photographs with .pts files; an imglab .xml; "
           "COCO's .json; a .csv of photographs' paths; without it, drawn faces.");
  page.add("--rows", &TrainConfig::rows, "N", "Use the first N rows only (or draw so many); 0: all.");
  page.add("--points", &TrainConfig::points, "SET",
           "The keypoint set: contest15, ibug68 or a file.toml; without it, the data's own.");
  command
      .add_option_function<std::string>(
          "--size",
          [options](const std::string& said) {
            options->changes.push_back({"--size", false, [said](TrainConfig& c) { set_size(c.picture, said); }});
          },
          "Pictures of so many px, such as 128 or 128x160 (width x height), 32 to 512; without it as the data has them, 96x96 "
          "where faces are cut out of photographs.")
      ->type_name("WxH")
      ->group("What it learns from");
  page.add("--channels", &TrainConfig::picture, &PictureShape::channels, "N",
           "1 (grey) or 3 (RGB); 0: as the data has them, grey of photographs.");
  page.add("--crop", &TrainConfig::crop, &FaceCrop::from, "WAY", "What a face is cut out of its photograph by");
  page.add("--margin", &TrainConfig::crop, &FaceCrop::margin, "X", "The box is made so much larger first, as a share of itself.");
  page.add("--dev", &TrainConfig::dev_data, "PATH", "Another data set to measure on; without it, rows are held back.");
  page.add("--dev-rows", &TrainConfig::dev_rows, "N",
           "Complete rows held back to measure on, never trained on; 0: 500, or 200 of drawn faces. Where too few are complete, "
           "rows with any label.");
  page.add("--dev-every", &TrainConfig::dev_every, "N", "Hold back every Nth row instead, in the order of their names.");
  page.add("--dev-share", &TrainConfig::dev_share, "X", "Hold back this share of all rows instead, such as 0.1.");
  page.add("--dev-names", &TrainConfig::dev_names, "PATTERN",
           "Of these two, rows alone whose photograph has such a name, such as 'helen_*'.");
  page.add("--folds", &TrainConfig::fold, &Fold::of, "K",
           "Train K runs, OUT/fold1 and so on, each without one part of the rows, and write out_of_fold.csv: each row's answer of "
           "the run that has not seen it. Dev rows are in no part and measure each run as ever. Parts are dealt in blocks of "
           "neighbours (of photographs, by name), who may be one person. 0: one run of all rows.");
  page.add("--missing", &TrainConfig::missing, "WAY", "What to do about missing keypoints");
  page.add("--augment", &TrainConfig::augment, "WAY",
           "What else is made of the faces (how far, by --set augment.rotation to augment.erase)");

  page.group("What learns");
  page.add("--model", &TrainConfig::model, "NAME", "A network of the list below.");
  page.add("--loss", &TrainConfig::loss, "NAME",
           "What it makes small; without it, what the model was made for");
  page.add("--weights", &TrainConfig::weights, "FILE",
           "Start from these weights: .h5, .pth, .npz or .safetensors (see `lineament weights`), or default: the model built in.");
  command
      .add_flag_callback(
          "--allow-partial",
          [options] {
            options->changes.push_back(
                {"--allow-partial", false, [](TrainConfig& c) { c.allow_partial = true; }});
          },
          "Take of the weights what fits, and say how much of the network that is.")
      ->group("What learns");
  page.add("--seed", &TrainConfig::seed, "N",
           "Decides initial weights, the order of rows and everything else drawn.");

  page.group("Around a backbone");
  page.add("--front-kernel", &HeadOptions::front_kernel, "N",
           "Taps a side of the convolution that turns grey into RGB: 1 or 2.");
  page.add("--front-channels", &HeadOptions::front_channels, "N",
           "Channels it gives first, up to 64, a 1x1 convolution to RGB after it; 0: RGB at once.");
  page.add("--dense", &HeadOptions::dense, "LIST",
           "Units of hidden dense layers before the answer, four at most, such as 96 or 256,96.");
  page.add("--dropout", &HeadOptions::dropout, "X",
           "Share of the pooled features that a step leaves out; the CNN has it too.");

  page.group("How it learns");
  page.add("--epochs", &TrainConfig::epochs, "N", "Times that every training row is seen.", kMayChange);
  page.add("--batch", &TrainConfig::batch, "N", "Faces in a step.");
  page.add("--sampling", &TrainConfig::sampling, "WAY", "How often each row comes in an epoch");
  page.add("--optimizer", &OptimizerOptions::kind, "NAME",
           "The rule by which weights change, as Keras has it");
  page.add("--rate", &OptimizerOptions::rate, "X", "Learning rate.");
  page.add("--momentum", &OptimizerOptions::momentum, "X", "Of sgd and rmsprop.");
  page.add("--weight-decay", &OptimizerOptions::weight_decay, "X", "Of adamw.");
  page.add(
      "--average-decay", &OptimizerOptions::average_decay, "X",
      "Measure and keep an exponential moving average of the weights, such as 0.999 of it a step; 0: none.");
  page.add("--schedule", &TrainConfig::schedule, "NAME", "How the rate goes");
  page.add("--warmup-epochs", &TrainConfig::warmup_epochs, "N",
           "Epochs in which the rate climbs from zero first.");
  page.add("--final-share", &TrainConfig::final_share, "X", "Share of the rate that cosine ends at.");

  page.group("When it stops getting better");
  page.add("--plateau-patience", &TrainConfig::plateau, &PlateauOptions::patience, "N",
           "Lower the rate after N epochs without progress; 0: never. (More by --set: plateau.min_delta, plateau.cooldown, "
           "plateau.min_rate.)");
  page.add("--plateau-factor", &TrainConfig::plateau, &PlateauOptions::factor, "X", "By what the rate is multiplied then.");
  page.add("--plateau-on", &TrainConfig::plateau, &PlateauOptions::on, "WHAT", "What must get better for that to be progress");
  page.add("--stop-patience", &TrainConfig::stop, &StopOptions::patience, "N",
           "Stop after N epochs without progress; 0: never. (How much is progress: --set stop.min_delta.)");
  page.add("--stop-on", &TrainConfig::stop, &StopOptions::on, "WHAT", "What must get better for that to be progress");

  page.group("Where it runs");
  page.add("--device", &TrainConfig::device, "NAME", kDeviceText, kMayChange);
  page.add("--precision", &TrainConfig::precision, "NAME", kPrecisionText, kMayChange);
  command
      .add_flag_callback(
          "--deterministic",
          [options] {
            options->changes.push_back(
                {"--deterministic", kMayChange, [](TrainConfig& c) { c.deterministic = true; }});
          },
          "On cuda: the same bits in every run, by slower kernels where need be; the CPU always is.")
      ->group("Where it runs");
  page.add("--threads", &TrainConfig::threads, "N",
           "CPU threads; 0: as many as may run at once. Results do not depend on it.", kMayChange);
  page.add("--kernel", &TrainConfig::kernel, "NAME",
           "Force this kernel wherever its op occurs, such as conv2d.cpu.reference, to compare or to hunt a "
           "fault.",
           kMayChange);

  page.group("What comes out");
  page.add("--out", &TrainConfig::out, "FOLDER",
           "Where the run goes; without it, runs/<model>-<missing>-seed<N>.", kMayChange);
  command
      .add_flag("--resume", options->start.resume, "Go on with the run in that folder from the last epoch that was written.")
      ->group("What comes out");
  command.add_flag("--overwrite", options->start.overwrite, "Begin anew in a folder that holds a run, which is deleted.")
      ->group("What comes out");
  command
      .add_flag("--allow-other-data", options->start.allow_other_data,
                "Resume though the data is not what the run was started with; its checkpoints say since when.")
      ->group("What comes out");
  command
      .add_option("--config", options->config, "Start from the settings in a config.json; options go on top.")
      ->type_name("FILE")
      ->group("Where settings come from");
  command
      .add_option("--recipe", options->recipe,
                  "Start from a recipe: a built-in one, by its name, or a file of your own, NAME.toml.")
      ->type_name("NAME")
      ->group("Where settings come from");
  command
      .add_option_function<std::vector<std::string>>(
          "--set",
          [options](const std::vector<std::string>& said) {
            for (const std::string& assignment : said)
              options->changes.push_back({"--set " + shown(assignment), false, [assignment](TrainConfig& config) {
                                            set_value(config, assignment);
                                          }});
          },
          "Any setting of a recipe or config, such as optimizer.rate=1e-4 or augment.rotation=20.")
      ->type_name("KEY=VALUE")
      ->group("Where settings come from");
}

TrainConfig read_config_file(const std::string& path) {
  return parse_config(read_text_file(path, "a config.json"), path);
}

/// "runs/resnet_aug_D2-seed1" of a recipe, "runs/cnn-mask-seed1" of settings.
std::string usual_folder(const TrainConfig& config, const TrainArguments& options) {
  const std::string recipe = std::filesystem::path(options.recipe).stem().string();
  const std::string folds = config.fold.is_all() ? fmt::format("-folds{}", config.fold.of) : "";
  if (!recipe.empty()) return fmt::format("runs/{}-seed{}{}", recipe, config.seed, folds);
  return fmt::format("runs/{}-{}-seed{}{}", config.model, name_of(config.missing), config.seed, folds);
}

constexpr const char* kUsualRecipe = "quick";

/// Whether it is left to us what learns, and how.
bool leaves_all_open(const TrainArguments& options) {
  return options.recipe.empty() && options.config.empty() && std::ranges::none_of(options.changes, [](const Change& change) {
           return change.option == "--model" || change.option.starts_with("--set model=");
         });
}

TrainConfig start_of(const TrainArguments& options) {
  if (!options.config.empty() && !options.recipe.empty())
    fail_input("--recipe, --config: expected one of them");
  if (!options.recipe.empty()) return read_recipe(options.recipe);
  return options.config.empty() ? TrainConfig{} : read_config_file(options.config);
}

/// The options alone, beside the choices that decide whether they are read: what a recipe says for another choice does no harm.
TrainConfig said(const TrainConfig& config, const TrainArguments& options) {
  TrainConfig alone;
  alone.data = config.data;
  alone.model = config.model;
  alone.weights = config.weights;
  alone.augment = config.augment;
  alone.optimizer.kind = config.optimizer.kind;
  alone.schedule = config.schedule;
  alone.plateau.patience = config.plateau.patience;
  alone.stop.patience = config.stop.patience;
  for (const Change& change : options.changes) change.make(alone);
  return alone;
}

TrainConfig with_changes(TrainConfig config, const TrainArguments& options) {
  for (const Change& change : options.changes) change.make(config);
  for (const Change& change : options.changes) {
    TrainConfig again = config;
    change.make(again);
    if (to_json(again) != to_json(config)) fail_input("{}: another option says otherwise", change.option);
  }
  if (!options.start.resume) {
    validate(config);
    expect_used(said(config, options));
  }
  if (config.out.empty()) config.out = usual_folder(config, options);
  return config;
}

/// InputError where a recipe or config that was said is not what the run was started with.
void expect_same_start(const TrainConfig& started, const TrainConfig& wanted, const TrainArguments& options) {
  if (options.recipe.empty() && options.config.empty()) return;
  const std::string source = options.recipe.empty() ? "--config " + options.config : "--recipe " + options.recipe;
  const auto differing = differences(without_circumstances(started), without_circumstances(wanted));
  if (!differing.empty())
    fail_input("{}: has {} = \"{}\", the run in {} was started with \"{}\": leave it out, or start a new run", source,
               differing[0].key, differing[0].b, wanted.out, differing[0].a);
}

/// The settings that the run was started with; of these, only some may change on the way.
TrainConfig resumed(const std::string& path, const TrainConfig& wanted, const TrainArguments& options) {
  const RunFolder folder = RunFolder::open(path);
  const TrainConfig started = folder.read_config();
  expect_same_start(started, wanted, options);
  TrainConfig config = started;
  for (const Change& change : options.changes) {
    TrainConfig changed = config;
    change.make(changed);
    if (!change.may_change && to_json(changed) != to_json(config))
      fail_input("{}: not what the run in {} was started with: leave it out, or start a new run",
                 change.option, path);
    config = changed;
  }
  config.out = path;
  return config;
}

void print_result(const TrainConfig& config, const RunResult& result) {
  fmt::print("\nbest epoch {} of {}: dev MSE {:.3f} px^2, RMSE {:.3f} px, accuracy {:.1f} %, NME {:.2f} %\n",
             result.best_epoch, result.epochs, result.dev.mse, result.dev.rmse, 100 * result.dev.accuracy,
             100 * result.dev.nme);
  fmt::print("{} parameters, {:.0f} images/s, {} in all, {:.0f} MB at most\n", result.parameters,
             result.images_per_second, format_seconds(result.seconds), result.peak_memory_mb);
  std::string files;  // a picture that could not be drawn is not among them
  const RunFolder folder = RunFolder::open(config.out);
  for (const std::filesystem::path& file : {folder.best(), folder.metrics(), folder.curves(), folder.predictions()})
    if (is_there(file)) files += fmt::format("{}{}", files.empty() ? "" : ", ", file.filename().string());
  fmt::print("{}: {}\n", config.out, files);
}

void print_folds(const TrainConfig& config, const FoldsResult& result) {
  fmt::print("\n");
  for (size_t i = 0; i < result.folds.size(); ++i)
    fmt::print("fold {:2}: best epoch {} of {}, dev MSE {:.3f} px^2\n", i + 1, result.folds[i].best_epoch, result.folds[i].epochs,
               result.folds[i].dev.mse);
  const Metrics& all = result.out_of_fold;
  fmt::print("out of fold, {} faces: MSE {:.3f} px^2, RMSE {:.3f} px, NME {:.2f} %\n{}: fold1 to fold{}, out_of_fold.csv\n", all.faces,
             all.mse, all.rmse, 100 * all.nme, config.out, result.folds.size());
}

void run(TrainArguments options) {
  if (options.start.resume && options.start.overwrite) fail_input("--resume, --overwrite: expected one of them");
  if (options.start.allow_other_data && !options.start.resume) fail_input("--allow-other-data: says something to --resume alone");
  if (leaves_all_open(options) && !options.start.resume) options.recipe = kUsualRecipe;
  TrainConfig config = with_changes(start_of(options), options);
  if (options.start.resume) config = resumed(config.out, config, options);
  if (config.fold.is_all()) return print_folds(config, train_folds(config, options.start, watch_fold));
  print_result(config, train(config, options.start, watch_run(config)));
}

}  // namespace

void add_train(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("train", "Train a network; a folder keeps its weights and what it reached");
  auto options = std::make_shared<TrainArguments>();
  add_options(*command, options);
  std::string networks = "Networks\n";
  for (const Model& model : models()) networks += fmt::format("  {:<26}  {}\n", model.name, model.summary);
  networks += "\nRecipes, the study's first\n";
  for (const Recipe& recipe : recipes())
    networks += fmt::format("  {:<26}  {}\n", recipe.name, recipe.toml.substr(2, recipe.toml.find('\n') - 2));
  command->footer(
      networks +
      "\nExamples\n"
      "  lineament train --data training.zip              the recipe quick, where neither recipe nor model is said\n"
      "  lineament train --model cnn --data training.zip --missing knn --epochs 30\n"
      "  lineament train --model resnet50 --dense 96 --batch 32\n"
      "  lineament train --recipe quick --data training.zip --folds 5 --out runs/quick5\n"
      "  lineament train --out runs/cnn-mask-seed1 --resume --epochs 200\n"
      "\n"
      "The folder: model.safetensors (the best weights), last.safetensors (to resume from), config.json,\n"
      "history.csv (a line an epoch), metrics.json, curves.png, predictions.png. With --folds: fold1 and so on,\n"
      "each such a folder, and out_of_fold.csv. Where a run is asked for (evaluate, predict, submit), it answers by\n"
      "their mean.");
  command->callback([options] { run(*options); });
}

}  // namespace lineament
