// rate(step) = base rate * share(step): a linear warm-up, then constant or cosine.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace lineament {

/// rate(step) = base rate * share(step), where the base rate is the
/// optimiser's, or what ReduceOnPlateau made of it.
struct Schedule {
  enum Shape : uint8_t { constant, cosine } shape = constant;
  int64_t warmup_steps = 0;  // the share climbs from 0 at step 0 to 1 here
  int64_t decay_steps = 1;   // cosine: how long after the warm-up it takes to fall
  double final_share = 0;    // cosine: where it ends, and stays

  /// Steps count from 0. Agrees with Keras's CosineDecay.
  double share(int64_t step) const;
};

/// "constant", "cosine"
std::span<const std::string_view> schedule_names();
/// InputError that lists the names where there is no such schedule.
Schedule::Shape parse_schedule(std::string_view name);

}  // namespace lineament
