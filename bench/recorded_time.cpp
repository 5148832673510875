#include "bench/recorded_time.h"

#include <algorithm>

#include "bench/timing.h"

namespace lineament {
namespace {

constexpr int kReplays = 5;
constexpr int kFewest = 2, kMost = 20;  // calls in a row
constexpr double kRowSeconds = 2e-3;    // enough for the clock

}  // namespace

double replay_seconds(Recording& recording, Backend& backend) {
  const auto once = [&] {
    const double begin = seconds_now();
    recording.replay();
    backend.synchronize();
    return seconds_now() - begin;
  };
  backend.synchronize();
  once();
  std::vector<double> samples;
  for (int i = 0; i < kReplays; ++i) samples.push_back(once());
  return median(samples);
}

std::optional<double> recorded_seconds(Backend& backend, const std::function<void()>& work, double about) {
  const int calls = static_cast<int>(std::clamp<double>(kRowSeconds / std::max(about, 1e-9), kFewest, kMost));
  const auto record = [&](int times) {
    return backend.record([&work, times] {
      for (int i = 0; i < times; ++i) work();
    });
  };
  const auto one = record(1), row = one ? record(1 + calls) : nullptr;
  if (!row) return {};
  // What it costs to start a recording is in both.
  return std::max(0.0, replay_seconds(*row, backend) - replay_seconds(*one, backend)) / calls;
}

}  // namespace lineament
