// Training from a config to a run folder: epochs, the dev set, callbacks, checkpoints.
#pragma once
#include <filesystem>

#include "train/observer.h"

namespace lineament {

/// Trains config.model on config.data and leaves all of run_folder.h's files in config.out. With `resume` it goes on from
/// last.safetensors, bit for bit as if never stopped. InputError for bad settings or data; RunError where the loss is no
/// longer finite, naming the step and the layer, with the last good checkpoint kept.
RunResult train(const TrainConfig& config, bool resume = false, const TrainObserver& observer = {});

}  // namespace lineament
