// After each epoch: lower the rate on a plateau, stop when nothing gets better. As Keras does.
#pragma once
#include <optional>
#include <span>

#include "base/choice.h"

namespace lineament {

/// What an epoch is judged by. Both are better the smaller they are.
enum class Monitor { dev, loss };

template <>
struct Choices<Monitor> {
  static constexpr Choice<Monitor> kRows[] = {
      {"dev", Monitor::dev, "MSE on the dev set, in px^2"},
      {"loss", Monitor::loss, "the training loss, as the network counts it"},
  };
  static constexpr std::span<const Choice<Monitor>> rows() { return kRows; }
};

struct PlateauOptions {
  Monitor on = Monitor::dev;
  double factor = 0.1;
  int patience = 0;  // epochs; 0: off
  double min_delta = 1e-4;  // what is less is no improvement, in the unit of what is monitored
  int cooldown = 0;  // epochs after a reduction in which none is counted
  float min_rate = 0;
};

/// keras.callbacks.ReduceLROnPlateau: rate *= factor when `patience` epochs brought no improvement.
class ReduceOnPlateau {
 public:
  /// All that it remembers, for checkpoints.
  struct State {
    float rate = 0;
    std::optional<double> best;
    int wait = 0, cooldown = 0;
    bool operator==(const State&) const = default;
  };

  ReduceOnPlateau(const PlateauOptions& options, float rate)
      : options_(options), state_{.rate = rate, .best = {}} {}

  /// Once after each epoch. Whether the rate fell.
  bool update(double error);
  /// The base rate of the next epoch; a schedule's share multiplies it.
  float rate() const { return state_.rate; }

  const State& state() const { return state_; }
  void restore(const State& state) { state_ = state; }

 private:
  PlateauOptions options_;
  State state_;
};

struct StopOptions {
  Monitor on = Monitor::loss;
  int patience = 0;  // epochs; 0: off
  double min_delta = 0;  // as a plateau's
};

/// keras.callbacks.EarlyStopping: stop when `patience` epochs brought no improvement.
class EarlyStopping {
 public:
  struct State {
    std::optional<double> best;
    int best_epoch = 0;  // from 1; 0: none yet
    int wait = 0;
    bool operator==(const State&) const = default;
  };

  explicit EarlyStopping(const StopOptions& options) : options_(options) {}

  /// Once after each epoch, which count from 1. Whether to stop now.
  bool update(int epoch, double error);

  const State& state() const { return state_; }
  void restore(const State& state) { state_ = state; }

 private:
  StopOptions options_;
  State state_;
};

}  // namespace lineament
