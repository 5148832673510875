// Checkpoints written while the training goes on, where that is worth their copies.
#pragma once
#include <future>
#include <vector>

#include "train/checkpoint.h"

namespace lineament {

/// On the CPU a checkpoint is written at once: a thread would only take turns with the training. Beside a device copies
/// are written on a thread: else the device would wait a second or two after each epoch of a large network.
/// Invariant: files appear in the order in which they were saved, each whole or not at all.
class CheckpointWriter {
 public:
  explicit CheckpointWriter(bool beside_device) : beside_device_(beside_device) {}

  /// As save_checkpoint() of what the tensors are now; beside a device the file comes after start(). What went wrong with
  /// files before is thrown here, or by finish().
  void save(const std::filesystem::path& path, const Parameters& parameters, const Optimizer* optimizer,
            const CheckpointInfo& info);
  void start();
  /// Waits until every file is there.
  void finish();

 private:
  bool beside_device_;
  std::vector<CheckpointCopy> copies_;  // to be written
  std::future<void> writing_;           // waits for its end when it goes
};

}  // namespace lineament
