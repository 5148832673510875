// rate(step) = base rate * share(step): a linear warm-up, then constant or cosine.
#pragma once
#include <cstdint>
#include <span>

#include "base/choice.h"

namespace lineament {

/// rate(step) = base rate * share(step), where the base rate is the
/// optimiser's, or what ReduceOnPlateau made of it.
struct Schedule {
  enum Shape : uint8_t { constant, cosine } shape = constant;
  int64_t warmup_steps = 0;  // the share climbs from 0 at step 0 to 1 here
  int64_t decay_steps = 1;   // how long after the warm-up it takes to fall
  double final_share = 0;    // where it ends, and stays; constant falls nowhere

  /// Steps count from 0. Agrees with Keras's CosineDecay.
  double share(int64_t step) const;
};

struct ScheduleRow : Choice<Schedule::Shape> {
  /// From 1 where `done`, the share of the steps after the warm-up, is 0 to where it ends, at 1.
  double (*share)(double done, double final_share);
};

template <>
struct Choices<Schedule::Shape> {
  static std::span<const ScheduleRow> rows();
};

}  // namespace lineament
