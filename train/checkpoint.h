// A checkpoint: parameters, statistics, optimiser state and where the training stood, in one safetensors file.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "layers/parameters.h"
#include "network/saved_network.h"
#include "optim/optimizer.h"
#include "train/callbacks.h"
#include "weights/safetensors.h"

namespace lineament {

/// Where a training stands after a whole number of epochs.
struct TrainState {
  int64_t step = 0;                    // updates done
  int epoch = 0;                       // epochs done
  std::optional<double> best_dev_mse;  // so far, in px^2
  int best_epoch = 0;                  // from 1; 0: none yet
  int stage = 0;                       // which of the config's, from 0
  int stage_epoch = 0;                 // epochs done when it began
  int64_t stage_step = 0;              // updates done when it began
  ReduceOnPlateau::State plateau;
  EarlyStopping::State stopping;
  bool operator==(const TrainState&) const = default;
};

/// The faces that a training had from one of its epochs on: how many trained and measured, and which.
struct DataUse {
  int from_epoch = 1;
  size_t faces = 0, dev_faces = 0;
  uint64_t fingerprint = 0;
  bool operator==(const DataUse&) const = default;

  bool same_data(const DataUse& other) const {
    return faces == other.faces && dev_faces == other.dev_faces && fingerprint == other.fingerprint;
  }
};

/// What a checkpoint says beside its tensors.
struct CheckpointInfo {
  ModelSpec spec;
  std::string optimizer;  // "adam", or empty: to tell the file's reader, who makes the Optimizer
  std::string config;     // config.json's text, as train/config.h writes it
  TrainState state;
  std::vector<DataUse> data;  // more than one where a resumed training was allowed other data; none in older files
};

/// Tensors: every parameter and statistic by its name, "optimizer/<slot>/<name>" beside them where
/// `optimizer` is given. The optimiser's own step count goes with it. `path` changes at once or not at all.
/// Errors as AtomicFile.
void save_checkpoint(const std::filesystem::path& path, const Parameters& parameters,
                     const Optimizer* optimizer, const CheckpointInfo& info);

/// A checkpoint to be: copies of what it holds, so that any thread may write it while the training goes on.
struct CheckpointCopy {
  std::filesystem::path path;
  Metadata metadata;
  std::vector<TensorName> names;
  std::vector<std::vector<float>> values;

  /// As save_checkpoint().
  void write() const;
};
CheckpointCopy copy_checkpoint(const std::filesystem::path& path, const Parameters& parameters,
                               const Optimizer* optimizer, const CheckpointInfo& info);

/// Restores parameters and, where asked for, the optimiser with its step count. Nothing is changed unless all
/// of it fits: an InputError names the first tensor that is missing, unknown or of another shape, how many
/// are, and the model the file is of; or both keypoint sets where they differ.
CheckpointInfo load_checkpoint(const std::filesystem::path& path, const ModelSpec& wanted, Parameters& parameters,
                               Optimizer* optimizer = nullptr);

/// The header alone. InputError where the file is none of our checkpoints.
CheckpointInfo read_checkpoint_info(const std::filesystem::path& path);

}  // namespace lineament
