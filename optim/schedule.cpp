// share = final + (1 - final) (1 + cos(pi t)) / 2 (Loshchilov & Hutter, arXiv:1608.03983).
#include "optim/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace lineament {

std::span<const ScheduleRow> Choices<Schedule::Shape>::rows() {
  static constexpr ScheduleRow kRows[] = {
      {{"constant", Schedule::constant, ""}, [](double, double) { return 1.0; }},
      {{"cosine", Schedule::cosine, "falls as half a wave, to its final share"},
       [](double done, double final_share) {
         return final_share + (1 - final_share) * 0.5 * (1 + std::cos(std::numbers::pi * done));
       }},
  };
  return kRows;
}

double Schedule::share(int64_t step) const {
  if (step < warmup_steps) return static_cast<double>(step) / static_cast<double>(warmup_steps);
  const double done =
      static_cast<double>(std::min(step - warmup_steps, decay_steps)) / static_cast<double>(decay_steps);
  return row_of(shape).share(done, final_share);
}

}  // namespace lineament
