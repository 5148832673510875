#include "train/finished_run.h"

#include "base/check.h"
#include "base/paths.h"
#include "train/checkpoint.h"

namespace lineament {
namespace fs = std::filesystem;

FinishedRun read_finished_run(const fs::path& path) {
  const RunFolder folder = RunFolder::open(path);
  if (folder.read_config().fold.is_all())
    fail_input("{}: is a training in folds: name its runs, {} and so on", path.string(), (path / "fold1").string());
  FinishedRun run{.name = fs::absolute(path / "").lexically_normal().parent_path().filename().string(),
                  .folder = path,
                  .config = folder.read_config(),
                  .history = folder.read_history(),
                  .result = folder.read_metrics()};
  if (run.history.empty()) fail_input("{}: no epoch in it", folder.history().string());
  const int done = run.history.back().epoch;
  if (done != run.result.epochs || (folder.has_checkpoint() && !is_finished(path, run.config)))
    fail_input("{}: is not done: {} of {} epochs, and metrics.json is of epoch {}: lineament train --resume --out {}", path.string(),
               done, total_epochs(run.config), run.result.epochs, path.string());
  return run;
}

bool is_finished(const fs::path& path, const TrainConfig& wanted) {
  if (!is_there(path / "metrics.json") || !is_there(path / "last.safetensors")) return false;
  const TrainState state = read_checkpoint_info(path / "last.safetensors").state;
  if (RunFolder::open(path).read_metrics().epochs != state.epoch) return false;
  if (state.stage < static_cast<int>(wanted.stages.size())) return false;
  const int epochs = state.stage == 0 ? wanted.epochs : wanted.stages.back().epochs;
  const bool stopped = wanted.stop.patience > 0 && state.stopping.wait >= wanted.stop.patience;
  return stopped || state.epoch >= state.stage_epoch + epochs;
}

}  // namespace lineament
