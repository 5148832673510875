// Keras compares errors as float32 tensors, so these do; what it remembers stays double.
#include "train/callbacks.h"

#include <algorithm>

namespace lineament {

namespace {

bool is_better(double error, const std::optional<double>& best, double min_delta) {
  return !best || static_cast<float>(error + min_delta) < static_cast<float>(*best);
}

}  // namespace

bool ReduceOnPlateau::update(double error) {
  if (state_.cooldown > 0) {
    --state_.cooldown;
    state_.wait = 0;
  }
  if (is_better(error, state_.best, options_.min_delta)) {
    state_.best = error;
    state_.wait = 0;
    return false;
  }
  if (state_.cooldown > 0 || ++state_.wait < options_.patience || state_.rate <= options_.min_rate)
    return false;
  // Keras multiplies in double what it keeps in float.
  const double reduced = static_cast<double>(state_.rate) * options_.factor;
  state_.rate = std::max(static_cast<float>(reduced), options_.min_rate);
  state_.cooldown = options_.cooldown;
  state_.wait = 0;
  return true;
}

bool EarlyStopping::update(int epoch, double error) {
  ++state_.wait;
  if (is_better(error, state_.best, options_.min_delta)) {
    state_ = {.best = error, .best_epoch = epoch, .wait = 0};
    return false;
  }
  return state_.wait >= options_.patience && epoch > 1;
}

}  // namespace lineament
