// Training from a config to a run folder: epochs, the dev set, callbacks, checkpoints.
#pragma once
#include <filesystem>

#include "train/observer.h"

namespace lineament {

/// What becomes of a run that is in the folder already; without any of these it is refused.
struct StartOptions {
  bool resume = false;            // go on with it
  bool overwrite = false;         // delete it, once the new one's settings and data have been read
  bool allow_other_data = false;  // resume though its data changed; its checkpoints say from which epoch on
};

/// Trains config.model on config.data and leaves all of run_folder.h's files in config.out. A resumed run goes on from
/// last.safetensors, bit for bit as if never stopped. InputError for bad settings or data, a folder in which another process is at
/// work, a run whose files contradict each other (train/resume_check.h) or whose data changed; nothing is changed then. RunError
/// where the loss is no longer finite, naming the step and the layer, with the last good checkpoint kept.
RunResult train(const TrainConfig& config, const StartOptions& start = {}, const TrainObserver& observer = {});

}  // namespace lineament
