#include "bench/device_step.h"

#include <cmath>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>

#include "bench/peer_models.h"
#include "bench/profile.h"
#include "bench/timing.h"
#include "bench/work.h"
#include "tensor/random.h"
#include "train/learner.h"
#include "train/loader.h"

namespace lineament {
namespace {

using Json = nlohmann::ordered_json;

constexpr float kRate = 1e-4f;
constexpr int kWarmSteps = 3;  // one call by call, one recorded, one replayed
constexpr int kUnseenLosses = 256;
constexpr double kSampleSeconds = 0.1;

/// Faces of noise, their points in range, none missing.
Faces noise(int count) {
  Faces faces;
  for (size_t i = 0; i < static_cast<size_t>(count) * kPixels; ++i)
    faces.pixels.push_back(static_cast<uint8_t>(random_bits(1, i) >> 56));
  for (int row = 0; row < count; ++row) {
    Keypoints points;
    for (int c = 0; c < kCoordinates; ++c)
      points[c] =
          kImageSize * (0.25f + 0.5f * random_uniform(2, static_cast<uint64_t>(row * kCoordinates + c)));
    faces.keypoints.push_back(points);
    faces.ids.push_back(row + 1);
  }
  return faces;
}

/// One batch of noise after another.
class Trained {
 public:
  Trained(Network& network, const Faces& faces, int batch)
      : network_(network),
        adam_({.name = "adam"}, network.parameters()),
        learner_(network, adam_, kUnseenLosses),
        loader_(faces, batch, 1, {}, &network.backend()) {
    loader_.start_epoch(0);
  }

  void step() {
    if (learner_.full()) look();
    learner_.learn(loader_.batch(0), number_++, kRate);
  }
  void look() {
    for (const Learner::Learned& learned : learner_.take())
      if (!std::isfinite(learned.loss))
        fail_run("{}: the loss is {} at step {}", network_.model().name, learned.loss, learned.step + 1);
  }
  void update() { adam_.update(kRate); }

 private:
  Network& network_;
  Optimizer adam_;
  Learner learner_;
  Loader loader_;
  uint64_t number_ = 0;
};

/// Milliseconds a step, of each sample.
std::vector<double> time_steps(const std::function<void()>& step, Backend& backend, int samples) {
  const auto seconds_of = [&](int steps) {
    backend.synchronize();
    const double begin = seconds_now();
    for (int i = 0; i < steps; ++i) step();
    backend.synchronize();
    return seconds_now() - begin;
  };
  for (int i = 0; i < kWarmSteps; ++i) step();
  const double once = seconds_of(kWarmSteps) / kWarmSteps;
  const int steps = std::max(1, static_cast<int>(std::ceil(kSampleSeconds / std::max(once, 1e-7))));
  std::vector<double> ms;
  for (int i = 0; i < samples; ++i) ms.push_back(seconds_of(steps) * 1e3 / steps);
  return ms;
}

void print(const Json& json) {
  const auto line = [](const char* what, double value, const char* unit, const std::string& about) {
    fmt::print("  {:<14}{:>10.2f} {:<9}{}\n", what, value, unit, about);
  };
  const auto of = [&](const char* key) { return json[key].get<double>(); };
  fmt::print("{}: {} of {} pictures, 96 x 96, {}, {}\n\n", json["model"].get<std::string>(),
             json["mode"] == "train" ? "a training step" : "inference", json["batch"].get<int>(),
             json["precision"].get<std::string>(), json["device"].get<std::string>());
  line("time", of("ms"), "ms", fmt::format("median of {}", json["steps"].get<int>()));
  line("pictures", of("images_per_s"), "/s", "");
  line("rate", of("gflops"), "GFLOP/s", "");
  line("peak memory", of("peak_device_mb"), "MB", "on the device");
  line("arena", of("arena_mb"), "MB", fmt::format("and {:.1f} of workspace", of("workspace_mb")));
}

}  // namespace

void bench_device_step(const StepBenchOptions& options) {
  validate(options.head);
  const Model model = options.as_peers ? peer_model(options.model) : find_model(options.model, options.head);
  Backend& backend = find_backend(options.device);
  Network network(model, model.loss, backend, 1,
                  {.poison = false,
                   .kernel = options.kernel,
                   .precision = parse_precision(options.precision),
                   .deterministic = options.deterministic});
  const Faces faces = noise(options.batch);
  std::optional<Trained> trained;
  if (options.infer) {  // its pictures lie there afterwards
    std::vector<float> images(faces.pixels.size());
    to_unit(faces.pixels, images);
    network.infer(options.batch, images);
  } else {
    trained.emplace(network, faces, options.batch);
  }

  Program& program = network.program_of(options.infer ? Mode::infer : Mode::train, options.batch);
  const auto step = [&] { trained ? trained->step() : program.run(); };
  const std::vector<double> samples = time_steps(step, backend, options.steps);
  if (trained) trained->look();
  const double ms = median(samples);
  const double peak_mb = static_cast<double>(backend.peak_bytes()) / 1e6;
  const Counts counts = count(program);
  Json json{{"model", options.model},
            {"mode", options.infer ? "infer" : "train"},
            {"as_peers", options.as_peers},
            {"batch", options.batch},
            {"device", options.device},
            {"precision", options.precision},
            {"deterministic", options.deterministic},
            {"steps", options.steps},
            {"ms", ms},
            {"samples_ms", samples},
            {"images_per_s", options.batch / ms * 1e3},
            {"gflops", counts.flops / ms / 1e6},
            {"flops", counts.flops},
            {"nodes", counts.nodes},
            {"peak_device_mb", peak_mb},
            {"arena_mb", static_cast<double>(program.arena_bytes()) / 1e6},
            {"workspace_mb", static_cast<double>(program.workspace_bytes()) / 1e6}};

  if (options.profile) {  // call by call, waiting for each: its sum is more than the step
    Profile profile;
    for (int run = 0; run < options.steps; ++run) {
      const double begin = seconds_now();
      program.run([&](const Program::Step& done, double seconds) { profile.add(done, seconds); });
      if (trained) {
        const double before = seconds_now();
        trained->update();
        backend.synchronize();
        profile.add("adam_update", seconds_now() - before,
                    7.0 * static_cast<double>(network.parameters().flat_size()) * sizeof(float));
      }
      profile.add_total(seconds_now() - begin);
    }
    json["profile"] = profile.to_json(std::numeric_limits<double>::infinity());
  }
  if (options.json) {
    fmt::print("{}\n", json.dump(1));
    return;
  }
  print(json);
  if (options.profile) print_profile(json["profile"], 25);
}

}  // namespace lineament
