// A training in folds: several runs, each without one part of the rows, and what each answers for the part that it has
// not seen.
#pragma once
#include <filesystem>
#include <functional>
#include <vector>

#include "data/formats/out_of_fold.h"
#include "train/trainer.h"
#include "train/training_data.h"

namespace lineament {

/// The settings of one of them, which lies in OUT/foldN.
TrainConfig config_of_fold(const TrainConfig& all, int part);

struct FoldsResult {
  std::vector<RunResult> folds;  // each of the dev set, as ever
  Metrics out_of_fold;           // of all rows that train
};

/// Asked before each of the runs that is to be done.
using WatchFold = std::function<TrainObserver(const TrainConfig& fold)>;

/// Trains config.fold.of runs one after another and writes OUT/out_of_fold.csv. OUT/config.json holds the settings of
/// all. Dev rows are in no part: they measure each run as they would without folds. What is done is let be where a
/// training is resumed, and what was stopped goes on. Errors as train(), asked of all folders before anything is
/// trained; other data than a run was trained with is refused: its answers would not be those of a network that has not
/// seen the row.
FoldsResult train_folds(const TrainConfig& config, const StartOptions& start = {}, const WatchFold& watch = {});

/// A training in folds that is done, with the faces that it was trained on.
struct Folds {
  TrainConfig config;  // of all
  Split split;
  OutOfFold answers;  // one for each row of split.train, in its order
};
/// InputError where the folder holds no such training, one that is not done, or its data are no longer what they were.
/// `data`: where they are now, if not where they were.
Folds read_folds(const std::filesystem::path& folder, const std::string& data = "");

}  // namespace lineament
