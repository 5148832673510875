// The moving average of weights: the formula by hand, no part in the training, the same bits after a stop.
#include <doctest/doctest.h>

#include "data/drawn/synthetic.h"
#include "network/predictor.h"
#include "optim/optimizer.h"
#include "tests/support.h"
#include "train/checkpoint.h"
#include "train/trainer.h"
#include "weights/safetensors.h"

using namespace lineament;
using test::TemporaryFolder;

namespace {

TrainConfig small(const TemporaryFolder& folder, const std::string& name, float decay, int epochs = 3) {
  TrainConfig config;
  config.rows = 150;
  config.dev_rows = 11;
  config.model = "dense2";
  config.schedule = Schedule::constant;
  config.epochs = epochs;
  config.batch = 17;  // 139 rows: the last batch holds 3
  config.optimizer.average_decay = decay;
  config.out = (folder / name).string();
  return config;
}

std::vector<float> tensor(const test::fs::path& file, const std::string& name) {
  return SafetensorsReader(file).read(name);
}

}  // namespace

TEST_CASE("an average with a warm-up keeps of its start what the number of steps says") {
  Parameters parameters(cpu_backend());
  parameters.declare("w", {1}, Home::parameters, {Init::zeros});
  parameters.allocate(1);
  const Parameter& w = *parameters.find("w");
  Optimizer optimizer({.kind = OptimizerKind::sgd, .rate = 1, .average_decay = 0.3f, .average_warmup = true}, parameters);
  double expected = 0;
  for (int step = 1; step <= 6; ++step) {
    const auto weight = static_cast<float>(step * step);
    parameters.write(w, std::vector{weight});
    optimizer.update(1);
    const double decay = step == 1 ? 0 : std::min(0.3, (1.0 + step) / (10.0 + step));  // 3/12, then 0.3
    expected = decay * expected + (1 - decay) * weight;
    CHECK(optimizer.read_slot(1, w)[0] == doctest::Approx(expected).epsilon(1e-6));
  }
}

TEST_CASE("the average is what its formula gives by hand, and begins as the first step's weights") {
  Parameters parameters(cpu_backend());
  parameters.declare("w", {3}, Home::parameters, {Init::zeros});
  parameters.allocate(1);
  const Parameter& w = *parameters.find("w");
  Optimizer optimizer({.kind = OptimizerKind::sgd, .rate = 1, .average_decay = 0.75f}, parameters);
  REQUIRE(optimizer.slot_names().size() == 2);
  CHECK(std::string(optimizer.slot_names()[1]) == "average");
  const auto average = [&] { return optimizer.read_slot(1, w); };
  const auto step_to = [&](std::vector<float> weights) {  // no gradient: an update that leaves them there
    parameters.write(w, weights);
    optimizer.update(1);
  };
  optimizer.swap_average();
  CHECK(parameters.read(w) == std::vector<float>{0, 0, 0});  // nothing to exchange yet
  step_to({4, -8, 1});
  CHECK(average() == std::vector<float>{4, -8, 1});
  step_to({8, 0, 1});
  CHECK(average() == std::vector<float>{5, -6, 1});  // 3/4 of the old, 1/4 of the new
  step_to({1, 2, 1});
  CHECK(average() == std::vector<float>{4, -4, 1});
  optimizer.swap_average();
  CHECK(parameters.read(w) == std::vector<float>{4, -4, 1});
  optimizer.swap_average();
  CHECK(parameters.read(w) == std::vector<float>{1, 2, 1});
}

TEST_CASE("the average takes no part in the training, and is what is measured and kept") {
  const TemporaryFolder folder;
  const RunResult on = train(small(folder, "on", 0.9f)), off = train(small(folder, "off", 0));
  const std::string kernel = "dense_1/kernel";
  const test::fs::path last = folder / "on/last.safetensors", best = folder / "on/model.safetensors";
  CHECK(tensor(last, kernel) == tensor(folder / "off/last.safetensors", kernel));
  CHECK(SafetensorsReader(folder / "off/last.safetensors").find("optimizer/average/" + kernel) == nullptr);
  CHECK(on.dev.mse != off.dev.mse);
  REQUIRE(on.best_epoch == 3);
  CHECK(tensor(best, kernel) == tensor(last, "optimizer/average/" + kernel));
}

TEST_CASE("a run with an average that was stopped goes on to the same bytes") {
  const TemporaryFolder folder;
  train(small(folder, "whole", 0.9f));
  train(small(folder, "parts", 0.9f, 1));
  train(small(folder, "parts", 0.9f), {.resume = true});
  for (const char* file : {"last.safetensors", "model.safetensors"})
    CHECK(test::read_text(folder / "whole" / file) == test::read_text(folder / "parts" / file));
}
