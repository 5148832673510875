// Files of a training on CUDA, written while it goes on: the same bytes whether it was stopped in between or not.
#include "train/trainer.h"

#include <doctest/doctest.h>

#include "tests/support.h"
#include "train/checkpoint.h"
#include "weights/safetensors.h"

using namespace lineament;
using test::TemporaryFolder;

namespace {

/// Few faces: the host emulates it, a thread after the other.
TrainConfig small(const TemporaryFolder& folder, const char* name) {
  TrainConfig config;
  config.device = Device::cuda;
  config.deterministic = true;
  config.rows = 30;
  config.dev_rows = 3;
  config.model = "dense2";
  config.schedule = Schedule::constant;
  config.optimizer.average_decay = 0.9f;
  config.epochs = 2;
  config.batch = 8;
  config.out = (folder / name).string();
  return config;
}

}  // namespace

TEST_CASE(
    "trainer: a second stage goes on from the best weights, stopped in between or not, and leaves the same "
    "files") {
  const TemporaryFolder folder;
  TrainConfig whole = small(folder, "whole"), parts = small(folder, "parts");
  train(parts);
  whole.stages = parts.stages = {{2, 1e-4f}};
  const RunResult expected = train(whole), got = train(parts, {.resume = true});
  REQUIRE(expected.best_epoch > 2);  // else a file is of the settings before
  CHECK(got.dev.mse == expected.dev.mse);
  for (const char* file : {"last.safetensors", "model.safetensors"})
    CHECK(test::read_text(folder.path / "parts" / file) == test::read_text(folder.path / "whole" / file));
  CHECK(read_checkpoint_info(folder / "whole/last.safetensors").state.epoch == 4);
  CHECK(read_checkpoint_info(folder / "whole/model.safetensors").state.epoch == expected.best_epoch);
}

TEST_CASE("trainer: a training that breaks later names its last good checkpoint, which is there") {
  const TemporaryFolder folder;
  TrainConfig config = small(folder, "run");
  config.stages = {{2, 1e30f}};
  CHECK_THROWS_WITH_AS(train(config), doctest::Contains("; the last good checkpoint is "), RunError);
  const SafetensorsReader last(folder / "run/last.safetensors"), best(folder / "run/model.safetensors");
  for (const TensorEntry& tensor : best.entries()) CHECK(last.read(tensor.name) == best.read(tensor.name));
}
