// Training keeps its promises: it stops where a loss breaks, and threads, kernels and gaps change nothing they should not.
#include "data/contest.h"
#include "train/trainer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "data/drawn/synthetic.h"
#include "network/predictor.h"
#include "tests/support.h"
#include "train/checkpoint.h"
#include "train/loader.h"

using namespace lineament;
using test::TemporaryFolder;

namespace {

TrainConfig small(const TemporaryFolder& folder, const std::string& name) {
  TrainConfig config;
  config.rows = 150;
  config.dev_rows = 11;
  config.model = "dense2";
  config.epochs = 2;
  config.batch = 17;  // 150 - 11 rows: the last batch holds 3
  config.out = (folder / name).string();
  return config;
}

std::string failure_of(const TrainConfig& config) {
  try {
    train(config);
  } catch (const RunError& error) {
    return error.what();
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a loss that is not finite names the step and the layer, and writes nothing") {
  const TemporaryFolder folder;
  TrainConfig config = small(folder, "run");
  config.optimizer = {.kind = OptimizerKind::sgd, .rate = 1e30f};
  config.schedule = Schedule::constant;
  const std::string said = failure_of(config);
  CAPTURE(said);
  CHECK(contains(said, "step "));
  CHECK(contains(said, "first broken: dense"));
  CHECK_FALSE(test::fs::exists(folder / "run/last.safetensors"));
}

TEST_CASE("a training that breaks later names its last good checkpoint: the best weights, with which the stage began") {
  const TemporaryFolder folder;
  TrainConfig config = small(folder, "run");
  config.schedule = Schedule::constant;
  config.stages = {{2, 1e30f}};
  const std::string said = failure_of(config);
  CAPTURE(said);
  CHECK(contains(said, "first broken: dense"));
  CHECK(contains(said, "; the last good checkpoint is " + (folder / "run/last.safetensors").string()));
  const SafetensorsReader last(folder / "run/last.safetensors"), best(folder / "run/model.safetensors");
  for (const TensorEntry& tensor : best.entries()) CHECK(last.read(tensor.name) == best.read(tensor.name));
  CHECK(read_checkpoint_info(folder / "run/last.safetensors").state.epoch == 2);
}

TEST_CASE("a second stage goes on from the best weights at its own rate, stopped in between or not") {
  const TemporaryFolder folder;
  TrainConfig config = small(folder, "whole");
  config.stages = {{2, 1e-5f}};
  config.schedule = Schedule::constant;
  const RunResult result = train(config);
  CHECK(result.epochs == 4);
  const auto history = RunFolder::resume(config.out).read_history();
  REQUIRE(history.size() == 4);
  CHECK(history[1].rate == doctest::Approx(1e-3));
  CHECK(history[2].rate == doctest::Approx(1e-5));

  TrainConfig first = small(folder, "parts");
  first.schedule = Schedule::constant;
  train(first);
  TrainConfig rest = config;
  rest.out = first.out;
  train(rest, {.resume = true});
  CHECK(test::read_text(folder / "parts/last.safetensors") == test::read_text(folder / "whole/last.safetensors"));
}

TEST_CASE("fresh faces in every epoch, and the study's copies, are learned from, and twice to the same bytes") {
  const TemporaryFolder folder;
  for (const Augmentation kind : {Augmentation::fresh, Augmentation::study}) {
    CAPTURE(std::string(name_of(kind)));
    std::set<std::string> checkpoints;
    for (const char* run : {"first", "again"}) {
      TrainConfig config = small(folder, fmt::format("{} {}", name_of(kind), run));
      config.augment = kind;
      config.epochs = kind == Augmentation::fresh ? 28 : 4;  // of the study's copies an epoch has ten times as many
      config.schedule = Schedule::constant;
      config.optimizer.rate = 2e-3f;
      CHECK(train(config).dev.mse < 200);  // px^2; the mean face alone, which comes first, is 300 from these
      checkpoints.insert(test::read_text(config.out + "/last.safetensors"));
    }
    CHECK(checkpoints.size() == 1);
  }
}

// Of dense2 on drawn faces the dev MSE, in px^2, falls by more than 3 in each of the first epochs; the training loss, in squared
// halves of a side, begins below 3.
TEST_CASE("early stopping stops after its patience, by what it is told to watch, and a stopped run stays so") {
  const TemporaryFolder folder;
  const auto epochs_of = [&](const char* name, const StopOptions& stop, bool resume = false) {
    TrainConfig config = small(folder, name);
    config.epochs = 6;
    config.stop = stop;
    return train(config, {.resume = resume}).epochs;
  };
  CHECK(epochs_of("never", {}) == 6);
  CHECK(epochs_of("still better", {.on = Monitor::dev, .patience = 2, .min_delta = 3}) == 6);
  const StopOptions no_progress{.on = Monitor::loss, .patience = 2, .min_delta = 3};
  CHECK(epochs_of("stopped", no_progress) == 3);  // the first is the best, two more are its patience
  CHECK(epochs_of("stopped", no_progress, true) == 3);
  CHECK(epochs_of("at once", {.on = Monitor::dev, .patience = 1, .min_delta = 1e9}) == 2);
}

TEST_CASE("a plateau lowers the rate after its patience, by what it is told to watch") {
  const TemporaryFolder folder;
  for (const Monitor what : {Monitor::dev, Monitor::loss}) {
    CAPTURE(std::string(name_of(what)));
    TrainConfig config = small(folder, std::string(name_of(what)));
    config.schedule = Schedule::constant;
    config.epochs = 4;
    config.plateau = {.on = what, .factor = 0.5, .patience = 2, .min_delta = 3};
    train(config);
    std::vector<double> rates;
    for (const EpochRecord& epoch : RunFolder::open(config.out).read_history()) rates.push_back(epoch.rate);
    REQUIRE(rates.size() == 4);
    for (int epoch : {0, 1, 2}) CHECK(rates[epoch] == doctest::Approx(1e-3));
    CHECK(rates[3] == doctest::Approx(what == Monitor::loss ? 5e-4 : 1e-3));
  }
}

TEST_CASE("a kernel that nothing runs is refused by its name") {
  const TemporaryFolder folder;
  TrainConfig config = small(folder, "run");
  config.kernel = "dense.cpu.nonsense";
  CHECK_THROWS_WITH_AS(train(config), "--kernel dense.cpu.nonsense: no step of dense2 can run it", InputError);
  config = small(folder, "forced");
  config.kernel = "dense_dw.cpu.gemm";
  CHECK_NOTHROW(train(config));
}

TEST_CASE("one thread and two train to the same bytes") {
  const TemporaryFolder folder;
  std::set<std::string> checkpoints;
  set_threads(3);  // as a host program might
  for (int count : {1, 2}) {
    TrainConfig config = small(folder, fmt::format("run{}", count));
    config.model = "cnn";
    config.rows = 60;
    config.dev_rows = 5;
    config.epochs = 1;
    config.threads = count;
    train(config);
    CHECK(threads() == 3);
    std::string bytes = test::read_text(config.out + "/model.safetensors");
    const size_t header = 8 + *reinterpret_cast<const uint64_t*>(bytes.data());  // settings name the thread count
    checkpoints.insert(bytes.substr(header));
  }
  set_threads(0);
  CHECK(checkpoints.size() == 1);
}

TEST_CASE("a missing coordinate takes no part in the loss, whatever stands in its place") {
  Network network(find_model("dense2"), Loss::mean_squared_error, cpu_backend(), 1);
  std::vector<float> images(3 * contest::kValues, 0.3f), keypoints(3 * contest::kCoordinates, 0.2f), mask(keypoints.size(), 1.0f);
  mask[7] = mask[40] = 0;
  const float loss = network.train_step({3, images, keypoints, mask}, 0);
  keypoints[7] = 1e6f;
  keypoints[40] = -5;
  CHECK(network.train_step({3, images, keypoints, mask}, 0) == loss);
  keypoints[8] = 1;
  CHECK(network.train_step({3, images, keypoints, mask}, 0) != loss);
}

TEST_CASE("an epoch visits every face once, in an order of its own") {
  const Faces faces = synthetic_faces_complete(23, 5);
  Loader loader(faces, 5, 9);
  REQUIRE(loader.batches() == 5);
  std::vector<std::vector<float>> orders;
  for (int epoch : {0, 1, 0}) {
    loader.start_epoch(epoch);
    std::vector<float> first;  // of each face's coordinates: no two faces share it
    for (int b = 0; b < loader.batches(); ++b) {
      const Batch batch = loader.batch(b);
      CHECK(batch.size == (b < 4 ? 5 : 3));
      for (int k = 0; k < batch.size; ++k) first.push_back(batch.keypoints[k * contest::kCoordinates]);
    }
    CHECK(std::set(first.begin(), first.end()).size() == 23);
    orders.push_back(std::move(first));
  }
  CHECK(orders[0] != orders[1]);
  CHECK(orders[0] == orders[2]);
}

TEST_CASE("predictions do not depend on how faces are batched") {
  const Faces faces = synthetic_faces(7, 3);
  Network network(find_model("cnn"), Loss::mean_squared_error, cpu_backend(), 1);
  const auto together = predict(network, faces, 64), apart = predict(network, faces, 2);
  REQUIRE(together.size() == 7);
  for (size_t i = 0; i < 7; ++i)
    for (int c = 0; c < contest::kCoordinates; ++c) CHECK(together[i][c] == doctest::Approx(apart[i][c]).epsilon(1e-5));
}
