#include "bench/timing.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "kernels/ceilings.h"

namespace lineament {

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double geometric_mean(std::span<const double> values) {
  double logs = 0;
  for (const double value : values) logs += std::log(value);
  return values.empty() ? 0 : std::exp(logs / double(values.size()));
}

double ratio_of(const Timed& first, const Timed& second) {
  std::vector<double> ratios;
  for (size_t run = 0; run < first.samples_ms.size(); ++run)
    ratios.push_back(second.samples_ms[run] / first.samples_ms[run]);
  return median(ratios);
}

std::vector<Timed> time_in_turn(std::span<const std::function<void()>> contenders,
                                const TimingOptions& options) {
  struct Samples {
    int repeats;
    std::vector<double> ms, peak, product;
  };
  std::vector<Samples> all;
  for (const auto& contender : contenders) {
    contender();
    const double begin = seconds_now();
    contender();
    const double once = seconds_now() - begin;
    all.push_back({std::max(1, int(std::ceil(options.sample_seconds / std::max(once, 1e-7)))), {}, {}, {}});
  }
  double before = fma_gflops(options.burst_seconds);
  for (int run = 0; run < options.runs; ++run)
    for (size_t i = 0; i < contenders.size(); ++i) {
      Samples& samples = all[i];
      const double begin = seconds_now();
      for (int repeat = 0; repeat < samples.repeats; ++repeat) contenders[i]();
      const double ms = (seconds_now() - begin) * 1e3 / samples.repeats;
      const double after = fma_gflops(options.burst_seconds);
      const double peak = (before + after) / 2;
      before = after;
      samples.ms.push_back(ms);
      samples.peak.push_back(peak);
      samples.product.push_back(ms * peak);
    }
  std::vector<Timed> timed;
  for (const Samples& samples : all)
    timed.push_back({median(samples.ms), median(samples.peak), median(samples.product), samples.ms});
  return timed;
}

}  // namespace lineament
