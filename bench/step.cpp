#include "bench/step.h"

#include <sys/resource.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "bench/device_step.h"
#include "bench/machine.h"
#include "bench/peer_models.h"
#include "bench/profile.h"
#include "bench/timing.h"
#include "bench/trial.h"
#include "data/faces.h"
#include "kernels/ceilings.h"
#include "optim/optimizer.h"
#include "train/step.h"

namespace lineament {
namespace {

using Json = nlohmann::ordered_json;

constexpr float kRate = 1e-4f;

double peak_rss_mb() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return double(usage.ru_maxrss) * 1024 / 1e6;
}

/// A batch of noise, targets in range, none missing.
struct Noise {
  std::vector<float> images, keypoints, mask;
  int size;

  explicit Noise(int batch)
      : images(size_t(batch) * kPixels),
        keypoints(size_t(batch) * kCoordinates),
        mask(size_t(batch) * kCoordinates, 1.0f),
        size(batch) {
    fill_randomly(images, 0, 1);
    fill_randomly(keypoints, -0.5f, 0.5f);
  }
  Batch batch() const { return {size, images, keypoints, mask}; }
};

void print(const Json& json) {
  const auto line = [](const char* what, double value, const char* unit, const std::string& about) {
    fmt::print("  {:<14}{:>10.1f} {:<9}{}\n", what, value, unit, about);
  };
  const auto of = [&](const char* key) { return json[key].get<double>(); };
  fmt::print("{}: {} of {} pictures, 96 x 96, f32, {} threads, {}\n\n", json["model"].get<std::string>(),
             json["mode"] == "train" ? "a training step" : "inference", json["batch"].get<int>(),
             json["threads"].get<int>(), json["level"].get<std::string>());
  line("time", of("ms"), "ms", fmt::format("median of {}", json["steps"].get<int>()));
  line("pictures", of("images_per_s"), "/s", "");
  line("rate", of("gflops"), "GFLOP/s",
       fmt::format("{:.1f} % of the FMA peak meanwhile, {:.1f}", of("peak_percent"), of("peak_gflops")));
  line("ms x GFLOP/s", of("ms_x_gflops"), "", "time at the clock of the moment");
  line("peak memory", of("peak_rss_mb"), "MB",
       fmt::format("resident; {:.1f} before the network", of("base_rss_mb")));
  line("arena", of("arena_mb"), "MB", fmt::format("and {:.1f} of workspace", of("workspace_mb")));
}

}  // namespace

void bench_step(const StepBenchOptions& options) {
  if (options.device != "cpu") return bench_device_step(options);
  const double base_rss = peak_rss_mb();
  validate(options.head);
  const Model model = options.as_peers ? peer_model(options.model) : find_model(options.model, options.head);
  Network network(model, model.loss, cpu_backend(), 1,
                  {.poison = false,  // debug builds fill memory between steps
                   .kernel = options.kernel,
                   .precision = parse_precision(options.precision)});
  const Noise noise(options.batch);
  std::optional<Optimizer> adam;
  if (!options.infer) adam.emplace(OptimizerOptions{.name = "adam"}, network.parameters());

  uint64_t number = 0;
  const auto step = [&] {
    if (options.infer) {
      network.infer(options.batch, noise.images);
      return;
    }
    const float loss = network.train_step(noise.batch(), number++);
    if (!std::isfinite(loss)) fail_run("{}: the loss is {} at step {}", options.model, loss, number);
    adam->update(kRate);
  };
  const Timed time = time_in_turn(
      std::array{std::function<void()>(step)},
      {.runs = options.steps, .burst_seconds = 0.005, .sample_seconds = options.infer ? 0.02 : 0.0})[0];
  const double peak_rss = peak_rss_mb();

  Program& program = network.program_of(options.infer ? Mode::infer : Mode::train, options.batch);
  const Counts counts = count(program);
  Json json{{"model", options.model},
            {"mode", options.infer ? "infer" : "train"},
            {"as_peers", options.as_peers},
            {"batch", options.batch},
            {"device", "cpu"},
            {"precision", options.precision},
            {"threads", threads()},
            {"level", widest_level()},
            {"steps", options.steps},
            {"ms", time.ms},
            {"images_per_s", options.batch / time.ms * 1e3},
            {"gflops", counts.flops / time.ms / 1e6},
            {"peak_gflops", time.peak_gflops},
            {"peak_percent", 100 * counts.flops / 1e6 / time.ms_gflops},
            {"ms_x_gflops", time.ms_gflops},
            {"flops", counts.flops},
            {"nodes", counts.nodes},
            {"peak_rss_mb", peak_rss},
            {"base_rss_mb", base_rss},
            {"arena_mb", double(program.arena_bytes()) / 1e6},
            {"workspace_mb", double(program.workspace_bytes()) / 1e6}};

  if (options.profile) {
    Profile profile;
    double peak = fma_gflops(0.005);
    for (int run = 0; run < options.steps; ++run) {
      const double begin = seconds_now();
      program.run([&](const Program::Step& done, double seconds) { profile.add(done, seconds); });
      if (adam) {
        const double before = seconds_now();
        adam->update(kRate);
        profile.add("adam_update", seconds_now() - before,
                    7.0 * double(network.parameters().flat_size()) * sizeof(float));
      }
      profile.add_total(seconds_now() - begin);
      peak += fma_gflops(0.005);
    }
    json["profile"] = profile.to_json(peak / (options.steps + 1));
  }
  if (options.json) {
    fmt::print("{}\n", json.dump(1));
    return;
  }
  print(json);
  if (options.profile) print_profile(json["profile"], 25);
}

}  // namespace lineament
