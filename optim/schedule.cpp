// share = final + (1 - final) (1 + cos(pi t)) / 2 (Loshchilov & Hutter, arXiv:1608.03983).
#include "optim/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/check.h"

namespace lineament {

namespace {
constexpr std::string_view kNames[] = {"constant", "cosine"};  // in the order of Schedule::Shape
}

double Schedule::share(int64_t step) const {
  if (step < warmup_steps) return static_cast<double>(step) / static_cast<double>(warmup_steps);
  if (shape == constant) return 1;
  const double done =
      static_cast<double>(std::min(step - warmup_steps, decay_steps)) / static_cast<double>(decay_steps);
  return final_share + (1 - final_share) * 0.5 * (1 + std::cos(std::numbers::pi * done));
}

std::span<const std::string_view> schedule_names() { return kNames; }

Schedule::Shape parse_schedule(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == std::end(kNames)) fail_input("--schedule {}: expected constant or cosine", name);
  return static_cast<Schedule::Shape>(found - std::begin(kNames));
}

}  // namespace lineament
