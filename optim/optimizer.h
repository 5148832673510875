// Optimisers: one update op over a model's flat buffers, its state beside them at equal offsets.
#pragma once
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/choice.h"
#include "layers/parameters.h"
#include "tensor/op_call.h"

namespace lineament {

enum class OptimizerKind { adam, adamw, sgd, rmsprop };

/// Everything an optimiser can be told; each reads what concerns it. Defaults are Keras's.
struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::adam;
  float rate = 1e-3f;
  float beta1 = 0.9f, beta2 = 0.999f;
  float rho = 0.9f;           // rmsprop's decay of the squared gradient
  float momentum = 0;         // sgd, rmsprop
  bool nesterov = false;      // sgd
  float epsilon = 1e-7f;
  float weight_decay = 0.004f;  // adamw
  float average_decay = 0;      // of the moving average of the weights, a step; 0: none is kept
  bool average_warmup = false;  // at step t at most (1 + t) / (10 + t): a short training's average forgets its start
};

/// Its op, the slots of its state, and the values that the op reads, in the order that kernels/ops.h gives for it.
struct OptimizerRow : Choice<OptimizerKind> {
  using Hyper = std::array<float, 6>;
  const Op* op;
  int slots, settings;  // how many states it has, and how many of a Hyper's values it reads
  std::array<const char*, 2> slot_names;
  Hyper (*hyper)(const OptimizerOptions&, float rate, float step);
};

template <>
struct Choices<OptimizerKind> {
  static std::span<const OptimizerRow> rows();
};

/// Invariant: state buffers are as long as the parameters' flat buffer, and zero before the first update.
class Optimizer {
 public:
  Optimizer(const OptimizerOptions& options, Parameters& parameters);

  /// One step of `rate`; counts steps from 1.
  void update(float rate);
  /// Its halves, for those who record the second: what the step needs is copied to the device, ...
  void prepare(float rate);
  /// ... and done. With `healthy`, f32 [1], nothing changes where that is 0.
  void apply(const View* healthy = nullptr);
  /// The same for elements [begin, end) of the flat parameters alone, as far as there are any, in the backend's `stream`.
  void apply(const View* healthy, Stream& stream, size_t begin, size_t end);

  /// As it was before its first step.
  void reset();

  /// Exchanges the weights and their average, which is after one step the weights themselves; changes nothing where
  /// none is kept. Call twice around whatever is to see the average.
  void swap_average();

  int64_t steps() const { return steps_; }
  void set_steps(int64_t steps) { steps_ = steps; }
  /// "momentum", "velocity": what a checkpoint stores beside the parameters, by the same names and offsets.
  std::span<const char* const> slot_names() const { return slot_names_; }
  std::vector<float> read_slot(int slot, const Parameter& parameter) const;
  void write_slot(int slot, const Parameter& parameter, std::span<const float> values);

 private:
  /// What a step does to a range of the flat parameters.
  struct Update {
    OpCall step;
    std::optional<OpCall> average;
  };
  using Range = std::array<size_t, 2>;
  const Update& update_of(const View* healthy, const Range& range);
  Update make_update(const View* healthy, const Range& range);

  const OptimizerRow& rule_;
  OptimizerOptions options_;
  Parameters& parameters_;
  std::vector<Memory> slots_;  // the rule's, then the average
  std::vector<const char*> slot_names_;
  Memory hyper_, decay_;
  std::map<std::pair<Range, const void*>, Update> updates_;  // made once, with healthy's address: a step allocates nothing
  int64_t steps_ = 0;
};

}  // namespace lineament
