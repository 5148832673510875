// A run may be killed between any two files. After an epoch history.csv comes first, then model.safetensors where that epoch was
// the best, then last.safetensors; beside a device the two come up to an epoch later.
#include "train/resume_check.h"

#include <optional>

#include "base/check.h"
#include "base/paths.h"
#include "train/checkpoint.h"

namespace lineament {
namespace {

constexpr int kAhead = 2;  // epochs that history may be ahead of a checkpoint

/// What the files say; none where a file is missing.
struct Story {
  std::optional<int> history, model, last, metrics;  // epochs
  int best = 0;                                      // by last.safetensors
};

Story story_of(const RunFolder& folder) {
  Story story;
  const std::vector<EpochRecord> rows = folder.read_history();
  for (size_t i = 0; i < rows.size(); ++i)
    if (rows[i].epoch != static_cast<int>(i) + 1)
      fail_input("{}:{}: epoch {}, expected {}: put the whole file back, or begin anew by --overwrite", folder.history().string(),
                 i + 2, rows[i].epoch, i + 1);
  if (!rows.empty()) story.history = rows.back().epoch;
  if (is_there(folder.best())) story.model = read_checkpoint_info(folder.best()).state.epoch;
  if (is_there(folder.metrics())) story.metrics = folder.read_metrics().epochs;
  if (folder.has_checkpoint()) {
    const TrainState state = read_checkpoint_info(folder.last()).state;
    story.last = state.epoch;
    story.best = state.best_epoch;
  }
  return story;
}

/// "history.csv of 12 epochs, model.safetensors of epoch 9"
std::string what_is_there(const Story& story) {
  std::vector<std::string> files;
  if (story.history) files.push_back(fmt::format("history.csv of {} epochs", *story.history));
  if (story.model) files.push_back(fmt::format("model.safetensors of epoch {}", *story.model));
  if (story.metrics) files.push_back(fmt::format("metrics.json of {} epochs", *story.metrics));
  return fmt::format("{}", fmt::join(files, ", "));
}

constexpr const char* kAnew = "put back what belongs to it, or begin anew by --overwrite in place of --resume, which deletes what is there";

}  // namespace

bool can_resume(const RunFolder& folder) {
  const std::string path = folder.path().string();
  const Story story = story_of(folder);
  const int history = story.history.value_or(0);
  if (!story.last) {
    if (!story.metrics && history <= kAhead && story.model.value_or(0) <= 1) return false;
    fail_input("{}: last.safetensors is missing, but there is {}: {}", path, what_is_there(story), kAnew);
  }
  const int last = *story.last;
  if (last > 0 && (history < last || history > last + kAhead))
    fail_input("{}: last.safetensors is of epoch {}, history.csv of {} epochs: {}", path, last, history, kAnew);
  if (story.best > 0 && !story.model)
    fail_input("{}: model.safetensors, the best weights so far (epoch {}), is missing: {}", path, story.best, kAnew);
  if (story.model && *story.model != story.best && *story.model != last + 1)
    fail_input("{}: last.safetensors says that the best epoch was {}, model.safetensors is of epoch {}: {}", path, story.best,
               *story.model, kAnew);
  if (story.metrics && *story.metrics > last)
    fail_input("{}: last.safetensors is of epoch {}, metrics.json of {} epochs: {}", path, last, *story.metrics, kAnew);
  return true;
}

}  // namespace lineament
