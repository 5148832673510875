// What happens in a training, told to whoever wants to know; the trainer itself prints and draws nothing.
#pragma once
#include <functional>
#include <span>
#include <string>

#include "data/faces.h"
#include "train/run_folder.h"

namespace lineament {

/// Any of them may be empty. Called on the trainer's thread, in the order of a training.
struct TrainObserver {
  std::function<void(const std::string& line)> note = {};  // what became of data and weights, a stage that begins
  std::function<void(int epochs, size_t faces, int first_epoch)> start = {};
  std::function<void(size_t faces, double loss)> batch = {};  // of the epoch so far; the loss as people read it
  std::function<void(const EpochRecord& record, bool is_best)> epoch = {};
  /// All files of the run are written. `answers` are those of the best weights for the dev faces.
  std::function<void(const RunResult& result, const Faces& dev, std::span<const Keypoints> answers)> done = {};
};

}  // namespace lineament
