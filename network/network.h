// A model and its programs: one for each mode and batch size, all on one set of parameters and one arena.
#pragma once
#include <map>
#include <memory>
#include <span>
#include <string>

#include "base/sole_use.h"
#include "models/models.h"
#include "tensor/program.h"

namespace lineament {

class DeviceFaces;

/// Pictures [n,h,w,c] in [0,1]; keypoints [n,o] in halves of the longer side from the centre, 0 where missing; mask [n,o] 1
/// where a coordinate is there. All flat. Or what the device is to make the same of.
struct Batch {
  int size = 0;
  std::span<const float> images, keypoints, mask;
  DeviceFaces* faces = nullptr;  // if there are any, the others are empty
  std::span<const uint64_t> rows = {};
  uint64_t epoch = 0;
};

/// Of so many pictures, flat: what models/heads.h has as Answer.
struct Inferred {
  std::vector<float> coordinates, log_deviations;
};

/// One network, ready to train and to answer.
/// Any thread may use it, but one at a time: a call beside another is a RunError. Networks on the CPU know nothing of each
/// other, so that each thread can have its own; those on CUDA share their stream, and one thread of a process uses them.
/// Invariant: all programs share parameters and arena, so only the last one run has readable outputs.
class Network {
 public:
  /// Threads, where the options do not say, are threads() of now.
  Network(const Model& model, Loss loss, Backend& backend, uint64_t seed, ProgramOptions options = {});

  /// Forward, loss and backward: gradients stand in the flat buffer afterwards. Returns the loss.
  float train_step(const Batch& batch, uint64_t step);
  /// Its parts, for those who do more in a step (train/learner): what the step needs is copied to the device, ...
  void feed(const Batch& batch, uint64_t step);
  /// ... computed of what was fed, ...
  void compute(const Batch& batch);
  /// ... or only asked for call by call, to be recorded (Program::run_calls).
  void compute_calls(const Batch& batch, const Program::Settled& settled = {});
  /// Where the step's {seed, step} and its loss lie.
  View rng_of(const Batch& batch);
  View loss_of(const Batch& batch);
  Inferred infer(int size, std::span<const float> images);
  /// Of a training step whose loss was not finite: the layer that broke first.
  std::string blame(const Batch& batch, uint64_t step);
  /// What train_step() or infer() runs for so many pictures, built at the first asking: for profiles.
  Program& program_of(Mode mode, int size);

  const Model& model() const { return model_; }
  Parameters& parameters() { return parameters_; }
  const Parameters& parameters() const { return parameters_; }
  Backend& backend() const { return backend_; }

 private:
  struct Traced;
  Traced& program(Mode mode, int size);
  SoleUse::Turn take_turn();
  void feed_step(const Batch& batch, uint64_t step);
  void compute_step(const Batch& batch);
  void make_batch(const Batch& batch, const Traced& t) const;

  Model model_;
  Loss loss_;
  Backend& backend_;
  uint64_t seed_;
  ProgramOptions options_;
  Parameters parameters_;
  std::shared_ptr<Arena> arena_;
  std::map<std::pair<Mode, int>, std::unique_ptr<Traced>> programs_;
  SoleUse use_;

 public:
  ~Network();
};

}  // namespace lineament
