// Runs as the first version wrote them, rebuilt from tests/goldens/runs_v1: they load, answer and resume as before.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/random.h"
#include "data/drawn/synthetic.h"
#include "data/metrics.h"
#include "network/predictor.h"
#include "network/saved_network.h"
#include "train/run_folder.h"
#include "train/trainer.h"
#include "train/training_data.h"
#include "tests/support.h"

using namespace lineament;
using namespace lineament::test;

namespace {

using Json = nlohmann::json;

/// Where a tensor's values lie and how far they reach, as the table in tests/reference/runs_v1.py says.
struct Drawn {
  double centre, reach;
};
Drawn drawn_of(const std::string& name, const std::vector<int64_t>& shape) {
  if (name.starts_with("optimizer/velocity/")) return {std::pow(2, -5), std::pow(2, -6)};
  if (name.starts_with("optimizer/momentum/")) return {0, std::pow(2, -4)};
  if (name.ends_with("/moving_variance")) return {1, 0.5};
  if (name.ends_with("/gamma")) return {1, 0.25};
  if (!name.ends_with("/kernel")) return {0, 0.125};
  if (shape.size() == 2) return {0, std::sqrt(3.0 / static_cast<double>(shape[0]))};
  const int64_t fan_in = shape[0] * shape[1] * (shape[3] == 1 ? 1 : shape[2]);
  return {0, std::sqrt(13.5 / static_cast<double>(fan_in))};
}

std::string values_of(const std::string& name, const std::vector<int64_t>& shape) {
  constexpr std::string_view kAverage = "optimizer/average/";
  const bool is_average = name.starts_with(kAverage);
  const std::string of = is_average ? name.substr(kAverage.size()) : name;
  const Drawn drawn = drawn_of(of, shape);
  const uint64_t key = fnv1a64(is_average ? of + " average" : name);
  size_t count = 1;
  for (const int64_t size : shape) count *= static_cast<size_t>(size);
  std::string bytes(count * sizeof(float), '\0');
  for (size_t i = 0; i < count; ++i) {
    const double u = -1 + 2 * (static_cast<double>(splitmix64(key + i) >> 40) / 16777216.0);
    const auto value = static_cast<float>(drawn.centre + drawn.reach * u);
    std::memcpy(bytes.data() + i * sizeof(float), &value, sizeof value);
  }
  return bytes;
}

/// The safetensors file of which `header` was kept.
void rebuild_file(const fs::path& header_file, const fs::path& path) {
  const std::string header = read_text(header_file);
  const Json json = Json::parse(header);
  size_t end = 0;
  for (const auto& [name, tensor] : json.items())
    if (name != "__metadata__") end = std::max(end, tensor["data_offsets"][1].get<size_t>());
  const uint64_t length = header.size();
  std::string bytes(sizeof length + header.size() + end, '\0');
  std::memcpy(bytes.data(), &length, sizeof length);
  std::memcpy(bytes.data() + sizeof length, header.data(), header.size());
  for (const auto& [name, tensor] : json.items()) {
    if (name == "__metadata__") continue;
    const std::string values = values_of(name, tensor["shape"].get<std::vector<int64_t>>());
    std::memcpy(bytes.data() + sizeof length + header.size() + tensor["data_offsets"][0].get<size_t>(), values.data(),
                values.size());
  }
  write_text(path, bytes);
}

struct Golden {
  explicit Golden(const std::string& name) : from(fs::path(LINEAMENT_SOURCE_DIR) / "tests/goldens/runs_v1" / name) {
    for (const char* file : {"config.json", "history.csv", "metrics.json"}) fs::copy(from / file, run.path);
    for (const std::string file : {"model", "last"})
      if (const fs::path header = from / (file + ".header.json"); fs::exists(header))
        rebuild_file(header, run / (file + ".safetensors"));
    expected = Json::parse(read_text(from / "expected.json"));
  }

  fs::path from;
  TemporaryFolder run;
  Json expected;
};

}  // namespace

TEST_CASE("a run of the first version answers for the contest's points and pictures, as it did") {
  for (const std::string name : {"dense2", "baseline", "mobilenet"}) {
    CAPTURE(name);
    const Golden golden(name);
    Predictor predictor = Predictor::load(golden.run.path);
    CHECK(predictor.spec().set == contest15());
    CHECK(predictor.spec().picture == PictureShape{96, 96, 1});
    CHECK(predictor.spec().crop.from == CropFrom::whole);
    const std::vector<Keypoints> answers = predictor.predict(synthetic_faces_complete(3, 7));
    for (size_t face = 0; face < 3; ++face)
      for (size_t c = 0; c < 30; ++c) {
        CAPTURE(c);
        CHECK(std::abs(answers[face][c] - golden.expected["predict"][face][c].get<double>()) < 0.01);
      }

    const RunFolder folder = RunFolder::open(golden.run.path);
    const TrainConfig config = folder.read_config();
    CHECK(folder.read_metrics().points == contest15().points);
    CHECK(std::isnan(folder.read_metrics().dev.auc));  // came with the second version
    const Split split = load_split(config);
    MetricsAccumulator sums(split.dev.set);
    sums.add(predictor.predict(split.dev), split.dev.keypoints);
    const Json& measured = golden.expected["evaluate"];
    CHECK(sums.result().mse == doctest::Approx(measured["mse"].get<double>()).epsilon(1e-3));
    CHECK(sums.result().nme == doctest::Approx(measured["nme"].get<double>()).epsilon(1e-3));
    CHECK(sums.result().failure_rate == measured["failure_rate"].get<double>());
  }
}

TEST_CASE("a run of the first version resumes where it stood") {
  for (const std::string name : {"dense2", "baseline"}) {
    CAPTURE(name);
    const Golden golden(name);
    TrainConfig config = RunFolder::open(golden.run.path).read_config();
    config.out = golden.run.path;
    config.epochs = 4;
    train(config, {.resume = true});
    const std::vector<EpochRecord> history = RunFolder::open(golden.run.path).read_history();
    REQUIRE(history.size() == 4);
    for (size_t i = 0; i < 2; ++i) {
      const Json& expected = golden.expected["resume"][i];
      CHECK(history[2 + i].loss == doctest::Approx(expected["loss"].get<double>()).epsilon(1e-3));
      CHECK(history[2 + i].dev_mse == doctest::Approx(expected["dev_mse"].get<double>()).epsilon(1e-3));
      CHECK(history[2 + i].rate == doctest::Approx(expected["rate"].get<double>()).epsilon(1e-6));
    }
    CHECK(read_spec(golden.run / "last.safetensors").set == contest15());  // and says so itself from now on
  }
}
