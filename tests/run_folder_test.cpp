// One training, one folder: made once, resumed, appended to, never half written.
#include "train/run_folder.h"

#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "tests/support.h"

using namespace lineament;
using test::TemporaryFolder;

namespace {

EpochRecord record(int epoch, double mse) {
  return {.epoch = epoch,
          .loss = 0.1 / epoch,
          .dev_mse = mse,
          .dev_accuracy = 1.0 / 3,
          .dev_rmse = std::sqrt(mse),
          .dev_nme = 0.05,
          .rate = 1e-3,
          .seconds = 12.5};
}

}  // namespace

TEST_CASE("a new run writes its settings, and they can be read back") {
  const TemporaryFolder temporary;
  TrainConfig config;
  config.epochs = 17;
  const RunFolder folder = RunFolder::create(temporary / "runs/deep/a", config);
  CHECK(folder.read_config().epochs == 17);
  CHECK(folder.best().filename() == "model.safetensors");
  CHECK(folder.last().filename() == "last.safetensors");
  CHECK(folder.read_history().empty());
}

TEST_CASE("a folder that holds a run is refused unless it is resumed") {
  const TemporaryFolder temporary;
  const test::fs::path path = temporary / "a";
  RunFolder::create(path, {});
  CHECK_THROWS_WITH_AS(
      RunFolder::create(path, {}),
      (path.string() + ": holds a run already (config.json): --resume goes on with it, --overwrite deletes it and begins "
                       "anew; or name another --out")
          .c_str(),
      InputError);
  CHECK_FALSE(RunFolder::resume(path).has_checkpoint());
  CHECK(RunFolder::resume(path).read_config().epochs == TrainConfig().epochs);
  CHECK_THROWS_WITH_AS(RunFolder::resume(temporary / "b"),
                       ((temporary / "b").string() +
                        ": holds no run to resume (no config.json): leave --resume out to start one")
                           .c_str(),
                       InputError);
}

TEST_CASE("a folder with other files in it will do, a file in its place will not") {
  const TemporaryFolder temporary;
  test::fs::create_directory(temporary / "a");
  test::write_text(temporary / "a/notes.txt", "mine");
  RunFolder::create(temporary / "a", {});
  CHECK(test::read_text(temporary / "a/notes.txt") == "mine");
  test::write_text(temporary / "file", "");
  CHECK_THROWS_AS(RunFolder::create(temporary / "file", {}), InputError);
  CHECK_THROWS_AS(RunFolder::create(temporary / "file/below", {}), InputError);
}

TEST_CASE("history grows row by row and numbers come back to the bit") {
  const TemporaryFolder temporary;
  const RunFolder folder = RunFolder::create(temporary / "a", {});
  for (int epoch = 1; epoch <= 3; ++epoch) folder.append_history(record(epoch, 7.0 / epoch));
  const auto rows = folder.read_history();
  REQUIRE(rows.size() == 3);
  for (int epoch = 1; epoch <= 3; ++epoch) {
    CHECK(rows[epoch - 1].epoch == epoch);
    CHECK(rows[epoch - 1].dev_mse == 7.0 / epoch);
    CHECK(rows[epoch - 1].dev_accuracy == 1.0 / 3);
    CHECK(rows[epoch - 1].seconds == 12.5);
  }
  CHECK(test::read_text(folder.history())
            .starts_with("epoch,loss,dev_mse,dev_accuracy,dev_rmse,dev_nme,rate,seconds\n1,0.1,7,"));
}

TEST_CASE("an epoch done again after a resume replaces its row and those after it") {
  const TemporaryFolder temporary;
  const RunFolder folder = RunFolder::create(temporary / "a", {});
  for (int epoch = 1; epoch <= 5; ++epoch) folder.append_history(record(epoch, epoch));
  folder.append_history(record(3, 99));
  const auto rows = folder.read_history();
  REQUIRE(rows.size() == 3);
  CHECK(rows[1].dev_mse == 2);
  CHECK(rows[2].dev_mse == 99);
}

TEST_CASE("a history that is none is refused by its line") {
  const TemporaryFolder temporary;
  const RunFolder folder = RunFolder::create(temporary / "a", {});
  folder.append_history(record(1, 1));
  const std::string good = test::read_text(folder.history());
  const std::string where = folder.history().string() + ":";
  for (const char* line : {"2,1,1,1,1,1,1", "2,1,1,1,1,1,1,1,1", "x,1,1,1,1,1,1,1", "0,1,1,1,1,1,1,1",
                           "2,1,1,,1,1,1,1", "2,1,1,1,1,1,1,1x", ""}) {
    test::write_text(folder.history(), good + line + "\n");
    CHECK_THROWS_WITH_AS(folder.read_history(), doctest::Contains((where + "3: expected epoch,").c_str()),
                         InputError);
  }
  test::write_text(folder.history(), "a,b\n");
  CHECK_THROWS_WITH_AS(folder.read_history(), doctest::Contains((where + "1: ").c_str()), InputError);
}

TEST_CASE("a measure that could not be taken survives history, and is null in metrics.json") {
  const TemporaryFolder temporary;
  const RunFolder folder = RunFolder::create(temporary / "a", {});
  EpochRecord row = record(1, 2);
  row.dev_nme = Metrics::kNone;
  folder.append_history(row);
  CHECK(std::isnan(folder.read_history().at(0).dev_nme));

  RunResult result;
  result.points = contest15().points;
  result.dev.point_error.assign(15, 1);
  result.dev.mse = 2.25;
  result.dev.point_error[10] = 1.5;
  result.dev.point_error[0] = Metrics::kNone;
  result.parameters = 7'268'670;
  result.best_epoch = 3;
  folder.write_metrics(result);
  const auto json = nlohmann::json::parse(test::read_text(folder.metrics()));
  for (const char* key :
       {"dev_mse", "dev_accuracy", "dev_rmse", "dev_mae", "dev_nme", "dev_failure_rate", "keypoints",
        "seconds", "images_per_second", "parameters", "peak_memory_mb", "best_epoch", "epochs"})
    CHECK(json.contains(key));
  CHECK(json.contains("dev_failure_rate_8"));
  CHECK(json.contains("dev_auc_8"));
  CHECK(json.size() == 15);
  CHECK(json["dev_mse"] == 2.25);
  CHECK(json["dev_nme"].is_null());
  CHECK(json["keypoints"].size() == 15);
  CHECK(json["keypoints"]["nose_tip"] == 1.5);
  CHECK(json["keypoints"]["left_eye_center"].is_null());
  CHECK(json["parameters"] == 7'268'670);
}

TEST_CASE("resuming removes what a killed run left half written, and nothing else") {
  const TemporaryFolder temporary;
  const RunFolder folder = RunFolder::create(temporary / "a", {});
  test::write_text(temporary / "a/last.safetensors.123-0.tmp", "half");
  test::write_text(temporary / "a/mine.tmp", "whole");
  RunFolder::resume(folder.path());
  CHECK_FALSE(test::fs::exists(temporary / "a/last.safetensors.123-0.tmp"));
  CHECK(test::fs::exists(temporary / "a/mine.tmp"));
  CHECK(test::fs::exists(folder.config()));
}

TEST_CASE("peak memory grows with what is held") {
  const double before = peak_memory_mb();
  CHECK(before > 1);
  std::vector<char> held(200'000'000, 'x');
  CHECK(held[123] == 'x');
  CHECK(peak_memory_mb() > 200);
}
