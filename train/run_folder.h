// One training, one folder: its settings, its history, what it reached, and its weights.
#pragma once
#include <filesystem>
#include <vector>

#include "base/paths.h"
#include "data/metrics.h"
#include "train/config.h"

namespace lineament {

/// A row of history.csv.
struct EpochRecord {
  int epoch = 0;  // from 1
  double loss = 0;
  double dev_mse = 0, dev_accuracy = 0, dev_rmse = 0, dev_nme = 0;
  double rate = 0;
  double seconds = 0;
};

/// metrics.json.
struct RunResult {
  Metrics dev;  // of the best weights
  std::vector<std::string> points;  // names of those of dev.point_error
  double seconds = 0;
  double images_per_second = 0;
  size_t parameters = 0;
  double peak_memory_mb = 0;
  int best_epoch = 0, epochs = 0;
};

/// Every file in it is written whole or not at all.
class RunFolder {
 public:
  /// A new run: makes the folder and writes config.json. InputError if any of a run's files is there; with `overwrite` they are
  /// deleted first.
  static RunFolder create(const std::filesystem::path& path, const TrainConfig& config, bool overwrite = false);
  /// InputError if create() would refuse.
  static void expect_none(const std::filesystem::path& path);
  /// One that was started before. InputError if there is none.
  /// Half-written files of a killed run are removed.
  static RunFolder resume(const std::filesystem::path& path);
  /// One to read from, be it at work or done. InputError if there is none.
  static RunFolder open(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path config() const { return path_ / "config.json"; }
  std::filesystem::path history() const { return path_ / "history.csv"; }
  std::filesystem::path metrics() const { return path_ / "metrics.json"; }
  std::filesystem::path best() const { return path_ / "model.safetensors"; }
  std::filesystem::path last() const { return path_ / "last.safetensors"; }
  std::filesystem::path curves() const { return path_ / "curves.png"; }
  std::filesystem::path predictions() const { return path_ / "predictions.png"; }
  std::filesystem::path out_of_fold() const { return path_ / "out_of_fold.csv"; }  // of a training in folds (train/folds.h)

  /// Whether there is something to go on from: a run killed in its first epoch starts over.
  bool has_checkpoint() const { return is_there(last()); }

  TrainConfig read_config() const;
  void write_config(const TrainConfig& config) const;
  /// Rows of the record's epoch and later ones, left by a run that was killed before its checkpoint, go.
  void append_history(const EpochRecord& record) const;
  /// Empty before the first epoch. InputError names the line that is not history.
  std::vector<EpochRecord> read_history() const;
  void write_metrics(const RunResult& result) const;
  /// Counts and errors of single faces are not kept. InputError where the run is not done or the file is not as written.
  RunResult read_metrics() const;

 private:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::vector<std::filesystem::path> files() const;
  void remove_half_written() const;

  std::filesystem::path path_;
};

/// The most memory this process has held at once, in MB of 10^6 bytes.
double peak_memory_mb();

}  // namespace lineament
