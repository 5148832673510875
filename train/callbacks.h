// After each epoch: lower the rate on a plateau, stop when nothing gets better. As Keras does.
#pragma once
#include <optional>

namespace lineament {

struct PlateauOptions {
  double factor = 0.1;
  int patience = 10;  // epochs
  double min_delta = 1e-4;
  int cooldown = 0;  // epochs after a reduction in which none is counted
  float min_rate = 0;
};

/// keras.callbacks.ReduceLROnPlateau of a loss: rate *= factor when `patience` epochs brought no improvement.
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
  bool update(double loss);
  /// The base rate of the next epoch; a schedule's share multiplies it.
  float rate() const { return state_.rate; }

  const State& state() const { return state_; }
  void restore(const State& state) { state_ = state; }

 private:
  PlateauOptions options_;
  State state_;
};

struct StopOptions {
  int patience = 30;  // epochs
  double min_delta = 0;
};

/// keras.callbacks.EarlyStopping of a loss: stop when `patience` epochs brought no improvement.
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
  bool update(int epoch, double loss);
  /// Whether the last update() was an improvement.
  bool improved() const { return state_.best && state_.wait == 0; }

  const State& state() const { return state_; }
  void restore(const State& state) { state_ = state; }

 private:
  StopOptions options_;
  State state_;
};

}  // namespace lineament
