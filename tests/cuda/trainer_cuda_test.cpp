// Files of a training on CUDA, written while it goes on: the same bytes whether it was stopped in between or not.
#include "train/trainer.h"

#include <doctest/doctest.h>

#include "tests/support.h"
#include "train/checkpoint.h"
#include "weights/safetensors.h"

using namespace lineament;
using test::TemporaryFolder;

namespace {

/// Few faces, most of them with gaps, so that the host can emulate it.
TrainConfig small(const TemporaryFolder& folder, const char* name, int epochs) {
  TrainConfig config;
  config.device = "cuda";
  config.deterministic = true;
  config.rows = 30;
  config.dev_rows = 3;
  config.model = "dense2";
  config.schedule = "constant";
  config.optimizer.average_decay = 0.9f;
  config.epochs = epochs;
  config.batch = 4;
  config.out = (folder / name).string();
  return config;
}

}  // namespace

TEST_CASE("trainer: stopped in between or not, it leaves the same files") {
  const TemporaryFolder folder;
  const RunResult whole = train(small(folder, "whole", 4));
  train(small(folder, "parts", 2));
  const RunResult parts = train(small(folder, "parts", 4), true);
  CHECK(parts.dev.mse == whole.dev.mse);
  for (const char* file : {"last.safetensors", "model.safetensors"})
    CHECK(test::read_text(folder / "parts" / file) == test::read_text(folder / "whole" / file));
  CHECK(read_checkpoint_info(folder / "whole/last.safetensors").state.epoch == 4);
  CHECK(read_checkpoint_info(folder / "whole/model.safetensors").state.epoch == whole.best_epoch);
}
