#include "bench/device_step.h"

#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/random.h"
#include "bench/device_profile.h"
#include "bench/step_report.h"
#include "bench/timing.h"
#include "train/learner.h"
#include "train/loader.h"

namespace lineament {
namespace {

constexpr float kRate = 1e-4f;
constexpr int kWarmSteps = 3;  // one call by call, one recorded, one replayed
constexpr int kUnseenLosses = 256;
constexpr double kSampleSeconds = 0.1;

/// Faces of noise, their points in range, none missing.
Faces noise(int count) {
  Faces faces;
  faces.add_rows(static_cast<size_t>(count));
  for (size_t i = 0; i < faces.pixels.size(); ++i) faces.pixels[i] = static_cast<uint8_t>(random_bits(1, i) >> 56);
  const int coordinates = faces.set.coordinates();
  for (int row = 0; row < count; ++row)
    for (int c = 0; c < coordinates; ++c)
      faces.keypoints[row][c] = static_cast<float>(faces.shape.width) *
                                (0.25f + 0.5f * random_uniform(2, static_cast<uint64_t>(row * coordinates + c)));
  return faces;
}

/// One batch of noise after another.
class Trained {
 public:
  Trained(Network& network, const Faces& faces, int batch)
      : network_(network),
        adam_({}, network.parameters()),
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
  /// Once more by the values of the last step.
  void update() { adam_.apply(); }

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

}  // namespace

void bench_device_step(const StepBenchOptions& options) {
  Network network = step_network(options, find_backend(options.device));
  const Faces faces = noise(options.batch);
  std::optional<Trained> trained;
  if (options.infer) {  // its pictures lie there afterwards
    std::vector<float> images;
    for (const uint8_t pixel : faces.pixels) images.push_back(to_unit(pixel));
    network.infer(options.batch, images);
  } else {
    trained.emplace(network, faces, options.batch);
  }

  Program& program = step_program(options, network);
  const auto step = [&] { trained ? trained->step() : program.run(); };
  const std::vector<double> samples = time_steps(step, network.backend(), options.steps);
  if (trained) trained->look();

  nlohmann::ordered_json report = report_step(options, network, median(samples));
  report["samples_ms"] = samples;
  report["peak_device_mb"] = static_cast<double>(network.backend().peak_bytes()) / 1e6;
  if (options.profile) {
    UpdateWork update;
    if (trained) update = {[&] { trained->update(); }, adam_bytes(network)};
    report["profile"] = profile_on_device(options, program, update, median(samples));
  }
  print_step(options, report);
}

}  // namespace lineament
