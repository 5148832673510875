// From the same start and batches, ten losses of the study's CNN agree with Keras (tests/reference/ten_losses.py).
#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "data/contest.h"
#include "base/random.h"
#include "data/faces.h"
#include "layers/init.h"
#include "models/baselines.h"
#include "network/network.h"
#include "optim/optimizer.h"
#include "tests/support.h"

using namespace lineament;

namespace {

constexpr int kSteps = 10, kBatch = 64;

/// u in [0, 1) of the formula that both sides compute: a stream's name and an index.
double drawn(std::string_view name, uint64_t i) {
  return static_cast<double>(splitmix64(fnv1a64(name) + i) >> 40) * 0x1p-24;
}

void start_from_formula(Parameters& parameters) {
  for (const Parameter& p : parameters.all()) {
    if (p.init.kind != Init::glorot_uniform) continue;  // zeros and ones on both sides
    const Fans fans = fans_of(p.desc.shape);
    const double limit = std::sqrt(6 / (fans.in + fans.out));
    std::vector<float> values(p.desc.elements());
    for (size_t i = 0; i < values.size(); ++i) values[i] = float(-limit + 2 * limit * drawn(p.name, i));
    parameters.write(p, values);
  }
}

std::vector<double> ten_losses(const OptimizerOptions& options) {
  const Model model{"cnn", "", [](Scope& s, Value x, const Task& task) { return Answer{cnn(s, x, task.coordinates, 0.0f)}; }};
  Network network(model, Loss::mean_squared_error, cpu_backend(), 1);
  start_from_formula(network.parameters());
  Optimizer optimizer(options, network.parameters());

  std::vector<float> images(kBatch * contest::kValues), keypoints(kBatch * contest::kCoordinates), mask(keypoints.size(), 1.0f);
  std::vector<double> losses;
  for (int step = 0; step < kSteps; ++step) {
    for (size_t i = 0; i < images.size(); ++i)
      images[i] = float(splitmix64(fnv1a64("images") + step * images.size() + i) >> 56) / 255.0f;
    for (size_t i = 0; i < keypoints.size(); ++i)
      keypoints[i] = float(2 * drawn("keypoints", step * keypoints.size() + i) - 1);
    losses.push_back(network.train_step({kBatch, images, keypoints, mask}, step));
    optimizer.update(options.rate);
  }
  return losses;
}

void agree(const std::vector<double>& got, const std::vector<double>& expected) {
  REQUIRE(got.size() == expected.size());
  for (size_t step = 0; step < got.size(); ++step) {
    CAPTURE(step);
    CHECK(std::abs(got[step] / expected[step] - 1) < 1e-4);
  }
}

}  // namespace

TEST_CASE("ten losses of Adam and of SGD agree with Keras to 1e-4") {
  const auto golden =
      nlohmann::json::parse(test::read_text(std::string(LINEAMENT_SOURCE_DIR) + "/tests/goldens/ten_losses.json"));
  agree(ten_losses({.kind = OptimizerKind::adam, .rate = 1e-3f}), golden["losses"]);
  agree(ten_losses({.kind = OptimizerKind::sgd, .rate = 1e-3f, .momentum = 0.9f}), golden["sgd_losses"]);
}

TEST_CASE("parameter counts are the study's") {
  for (auto [name, count] : {std::pair{"baseline", 276'510}, {"dense2", 1'183'646}, {"cnn", 13'576'126}}) {
    CAPTURE(name);
    Network network(find_model(name), Loss::mean_squared_error, cpu_backend(), 1);
    CHECK(network.parameters().count() == count);
  }
}
