#include "bench/step.h"

#include <sys/resource.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "bench/device_step.h"
#include "bench/machine.h"
#include "bench/step_report.h"
#include "bench/timing.h"
#include "bench/trial.h"
#include "kernels/ceilings.h"
#include "network/network.h"
#include "optim/optimizer.h"

namespace lineament {
namespace {

constexpr float kRate = 1e-4f;
constexpr double kBurstSeconds = 0.005;  // of multiply-adds, beside each sample

double peak_rss_mb() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return double(usage.ru_maxrss) * 1024 / 1e6;
}

/// A batch of noise, targets in range, none missing.
struct Noise {
  std::vector<float> images, keypoints, mask;
  int size;

  Noise(const Task& task, int batch)
      : images(batch * task.picture.values()),
        keypoints(size_t(batch) * task.coordinates),
        mask(size_t(batch) * task.coordinates, 1.0f),
        size(batch) {
    fill_randomly(images, 0, 1);
    fill_randomly(keypoints, -0.5f, 0.5f);
  }
  Batch batch() const { return {size, images, keypoints, mask}; }
};

}  // namespace

void bench_step(const StepBenchOptions& options) {
  if (options.device != Device::cpu) return bench_device_step(options);
  const double base_rss = peak_rss_mb();
  Network network = step_network(options, cpu_backend());
  step_program(options, network);  // first: it says where memory is too small
  const Noise noise(network.model().task, options.batch);
  std::optional<Optimizer> adam;
  if (!options.infer) adam.emplace(OptimizerOptions{}, network.parameters());
  const std::function<void()> update = adam ? [&] { adam->update(kRate); } : std::function<void()>();

  uint64_t number = 0;
  const auto step = [&] {
    if (options.infer) {
      network.infer(options.batch, noise.images);
      return;
    }
    const float loss = network.train_step(noise.batch(), number++);
    if (!std::isfinite(loss)) fail_run("{}: the loss is {} at step {}", options.model, loss, number);
    update();
  };
  const Timed time = time_in_turn(std::array{std::function<void()>(step)},
                                  {.runs = options.steps,
                                   .burst_seconds = kBurstSeconds,
                                   .sample_seconds = options.infer ? 0.02 : 0.0})[0];
  const double peak_rss = peak_rss_mb();

  nlohmann::ordered_json report = report_step(options, network, time.ms);
  const double flops = report["flops"];
  report["threads"] = threads();
  report["level"] = widest_level();
  report["peak_gflops"] = time.peak_gflops;
  report["peak_percent"] = 100 * flops / 1e6 / time.ms_gflops;
  report["ms_x_gflops"] = time.ms_gflops;
  report["peak_rss_mb"] = peak_rss;
  report["base_rss_mb"] = base_rss;
  if (options.profile)
    report["profile"] = profile_step(options, network, update, [] { return fma_gflops(kBurstSeconds); });
  print_step(options, report);
}

}  // namespace lineament
