// A training that is done, read back from its folder.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "train/run_folder.h"

namespace lineament {

struct FinishedRun {
  std::string name;  // of the folder
  std::filesystem::path folder;
  TrainConfig config;
  std::vector<EpochRecord> history;
  RunResult result;
};

/// InputError where the folder holds no run, one that is not done (its metrics may be those of an earlier end), or files that are
/// not as they were written.
FinishedRun read_finished_run(const std::filesystem::path& folder);

/// Whether the run in `folder` needs no more work to be all that `wanted` asks for: its last epoch is done, or
/// it stopped early, and metrics.json tells of that epoch.
bool is_finished(const std::filesystem::path& folder, const TrainConfig& wanted);

}  // namespace lineament
