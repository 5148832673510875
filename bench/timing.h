// Timing that a wandering clock cannot fool: contenders run in turn, a burst of multiply-adds beside each sample.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace lineament {

/// Wall-clock seconds from some moment on.
double seconds_now();
/// Of an unsorted list; 0 for none.
double median(std::vector<double> values);
double geometric_mean(std::span<const double> values);

/// Medians over the runs.
struct Timed {
  double ms = 0;
  double peak_gflops = 0;  // FMA rate around its samples
  double ms_gflops = 0;    // of the products: what programs that do not run in turn are compared by
  std::vector<double> samples_ms;
};

/// How many times faster the first is: the median over rounds, so that both had the same clock.
double ratio_of(const Timed& first, const Timed& second);

struct TimingOptions {
  int runs = 7;
  double burst_seconds = 0.002;   // of multiply-adds before and after each sample
  double sample_seconds = 0.002;  // a sample repeats what is shorter
};

/// Runs every contender once to warm up, then `runs` rounds of one sample of each, in turn.
std::vector<Timed> time_in_turn(std::span<const std::function<void()>> contenders,
                                const TimingOptions& options);

}  // namespace lineament
