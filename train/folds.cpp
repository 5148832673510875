#include "train/folds.h"

#include <algorithm>

#include "base/check.h"
#include "base/folder_lock.h"
#include "base/paths.h"
#include "data/parts.h"
#include "network/predictor.h"
#include "tensor/backend.h"
#include "train/checkpoint.h"
#include "train/finished_run.h"
#include "train/resume_check.h"
#include "train/settings.h"

namespace lineament {
namespace fs = std::filesystem;

namespace {

std::vector<TrainConfig> configs_of(const TrainConfig& all) {
  std::vector<TrainConfig> folds;
  for (int part = 1; part <= all.fold.of; ++part) folds.push_back(config_of_fold(all, part));
  return folds;
}

/// InputError unless the file is of a network that learned from these faces, and measured on them.
void expect_data(const fs::path& checkpoint, const Split& split, const std::string& data) {
  const std::vector<DataUse> uses = read_checkpoint_info(checkpoint).data;
  if (uses.size() != 1 || !uses[0].same_data(use_of(split)))
    fail_input(
        "{}: these are not the faces that {} was trained with: put the old data back, or begin anew by --overwrite",
        data.empty() ? "the drawn data set" : data, checkpoint.string());
}

/// A fold is not gone on with unless it is one of this training, and its files tell one story.
void expect_sound(const TrainConfig& fold, const Split& all) {
  if (!is_there(fs::path(fold.out) / "config.json")) return RunFolder::expect_none(fold.out);
  const RunFolder folder = RunFolder::resume(fold.out);
  const auto differing = differences(without_circumstances(folder.read_config()), without_circumstances(fold));
  if (!differing.empty())
    fail_input(
        "{}: was started with {} = \"{}\", the training in folds with \"{}\": delete that folder, or name another "
        "--out",
        fold.out, differing[0].key, differing[0].a, differing[0].b);
  if (can_resume(folder)) expect_data(folder.last(), split_of_fold(all, fold.fold), fold.data);
}

void expect_ready(const TrainConfig& config, const StartOptions& start) {
  if (start.allow_other_data)
    fail_input("--allow-other-data: not with --folds, whose answers are for rows that a fold has never seen");
  if (!start.resume && !start.overwrite) RunFolder::expect_none(config.out);
  const Split all = load_split(config);
  parts_of(all.train, config.fold.of);
  for (const TrainConfig& fold : configs_of(config)) {
    if (start.resume)
      expect_sound(fold, all);
    else if (!start.overwrite)
      RunFolder::expect_none(fold.out);
  }
  if (start.resume) RunFolder::resume(config.out);
}

/// Once the first run's own checks have held: settings of all of them, and no answers of before.
void begin_all(const TrainConfig& config, const std::vector<TrainConfig>& folds, const StartOptions& start) {
  if (start.resume) {
    const RunFolder folder = RunFolder::resume(config.out);
    std::error_code error;
    if (fs::remove(folder.out_of_fold(), error); error)
      fail_input("{}: cannot be deleted: {}", folder.out_of_fold().string(), error.message());
    return folder.write_config(config);
  }
  RunFolder::create(config.out, config, start.overwrite);
  for (const TrainConfig& fold : std::span(folds).subspan(1)) RunFolder::create(fold.out, fold, start.overwrite);
}

void train_all(const TrainConfig& config, const StartOptions& start, const WatchFold& watch) {
  const std::vector<TrainConfig> folds = configs_of(config);
  bool begun = false;
  for (const TrainConfig& fold : folds) {
    if (start.resume && is_finished(fold.out, fold)) continue;
    TrainObserver observer = watch ? watch(fold) : TrainObserver{};
    observer.start = [&, told = observer.start](int epochs, size_t faces, int first_epoch) {
      if (!begun) begin_all(config, folds, start);
      begun = true;
      if (told) told(epochs, faces, first_epoch);
    };
    StartOptions one = start;
    if (begun || start.resume) one = {.resume = is_there(fs::path(fold.out) / "config.json")};
    train(fold, one, observer);
  }
  if (!begun) begin_all(config, folds, start);
}

/// What each fold answers for the rows that it has not seen, in the order of the rows.
OutOfFold answers_of(const TrainConfig& config, const Split& all) {
  OutOfFold answers{
      .points = all.train.set.points, .rows = all.train.ids, .folds = parts_of(all.train, config.fold.of)};
  answers.answers.resize(all.train.size());
  for (const TrainConfig& fold : configs_of(config)) {
    const fs::path best = RunFolder::open(fold.out).best();
    const Split split = split_of_fold(all, fold.fold);
    expect_data(best, split, config.data);
    const Answers said = Predictor::load(best, config.device, config.precision).answer(split.left_out);
    if (!said.deviations.empty()) answers.deviations.resize(all.train.size());
    for (size_t row = 0, next = 0; row < answers.size(); ++row) {
      if (answers.folds[row] != fold.fold.part) continue;
      if (!said.deviations.empty()) answers.deviations[row] = said.deviations[next];
      answers.answers[row] = said.points[next++];
    }
  }
  return answers;
}

}  // namespace

TrainConfig config_of_fold(const TrainConfig& all, int part) {
  TrainConfig fold = all;
  fold.fold.part = part;
  fold.out = (fs::path(all.out) / fmt::format("fold{}", part)).string();
  return fold;
}

FoldsResult train_folds(const TrainConfig& config, const StartOptions& start, const WatchFold& watch) {
  validate(config);
  check(config.fold.is_all(), "a training in folds: {} of {}", config.fold.part, config.fold.of);
  const ThreadsScope scope(config.threads);
  const FolderLock lock(config.out);
  expect_ready(config, start);
  train_all(config, start, watch);

  const Split all = load_split(config);
  const OutOfFold answers = answers_of(config, all);
  write_out_of_fold(RunFolder::open(config.out).out_of_fold(), answers);
  FoldsResult result;
  for (const TrainConfig& fold : configs_of(config)) result.folds.push_back(RunFolder::open(fold.out).read_metrics());
  MetricsAccumulator sums(all.train.set);
  sums.add(answers.answers, all.train.keypoints);
  result.out_of_fold = sums.result();
  return result;
}

Folds read_folds(const fs::path& path, const std::string& data) {
  const RunFolder folder = RunFolder::open(path);
  Folds folds{.config = folder.read_config(), .split = {}, .answers = {}};
  if (!folds.config.fold.is_all()) fail_input("{}: is no training in folds (lineament train --folds)", path.string());
  if (!is_there(folder.out_of_fold()))
    fail_input("{}: its folds are not done: lineament train --resume --out {}", path.string(), path.string());
  folds.config.out = path.string();
  if (!data.empty()) folds.config.data = data;
  const std::vector<TrainConfig> runs = configs_of(folds.config);
  const KeypointSet set = read_checkpoint_info(RunFolder::open(runs[0].out).best()).spec.set;
  folds.split = load_split(folds.config, nullptr, &set);
  for (const TrainConfig& run : std::span(runs).first(2))  // what the first has left out the second was trained on
    expect_data(RunFolder::open(run.out).best(), split_of_fold(folds.split, run.fold), run.data);
  folds.answers = read_out_of_fold(folder.out_of_fold());
  if (folds.answers.rows != folds.split.train.ids || folds.answers.points != folds.split.train.set.points)
    fail_input("{}: is not of the rows that train in {}: lineament train --resume --out {} writes it anew",
               folder.out_of_fold().string(), folds.config.data, path.string());
  return folds;
}

}  // namespace lineament
