// Plateau and early stopping against Keras's callbacks, epoch for epoch.
#include "train/callbacks.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "tests/support.h"

using namespace lineament;

namespace {

const nlohmann::json& goldens() {
  static const auto json = nlohmann::json::parse(
      test::read_text(test::fs::path(LINEAMENT_SOURCE_DIR) / "tests/goldens/optimizers.json"));
  return json;
}

}  // namespace

TEST_CASE("the rate falls on the plateaus where Keras lowers it, to the bit") {
  REQUIRE(goldens()["plateau"].size() >= 6);
  int reductions = 0;
  for (const auto& golden : goldens()["plateau"]) {
    const auto& settings = golden["settings"];
    ReduceOnPlateau plateau({.factor = settings["factor"],
                             .patience = settings["patience"],
                             .min_delta = settings["min_delta"],
                             .cooldown = settings["cooldown"],
                             .min_rate = settings["min_lr"]},
                            settings["learning_rate"]);
    for (size_t epoch = 0; epoch < golden["losses"].size(); ++epoch) {
      const float before = plateau.rate();
      const bool fell = plateau.update(golden["losses"][epoch]);
      CAPTURE(settings.dump());
      CAPTURE(epoch);
      CHECK(plateau.rate() == golden["rates"][epoch].get<float>());
      CHECK(fell == (plateau.rate() < before));
      reductions += fell;
    }
  }
  CHECK(reductions > 10);
}

TEST_CASE("training stops in the epoch in which Keras stops it, and knows the same best epoch") {
  REQUIRE(goldens()["early_stopping"].size() >= 9);
  int stops = 0;
  for (const auto& golden : goldens()["early_stopping"]) {
    EarlyStopping stopping(
        {.patience = golden["settings"]["patience"], .min_delta = golden["settings"]["min_delta"]});
    nlohmann::json stopped;  // null
    int epoch = 0;
    for (const double loss : golden["losses"])
      if (stopping.update(++epoch, loss)) {
        stopped = epoch;
        ++stops;
        break;
      }
    CAPTURE(golden["settings"].dump());
    CHECK(stopped == golden["stopped_epoch"]);
    CHECK(stopping.state().best_epoch == golden["best_epoch"].get<int>());
  }
  CHECK(stops > 3);
}

TEST_CASE("callbacks restored in any epoch go on as if nothing had happened") {
  const std::vector<double> losses = {5, 4, 4, 4, 3.9999, 4, 4, 3, 3, 3, 3, 3, 3, 3, 2.5, 3, 3, 3, 3};
  const PlateauOptions plateau_options = {.factor = 0.7, .patience = 2, .cooldown = 1, .min_rate = 1e-4f};
  const StopOptions stop_options = {.patience = 5, .min_delta = 1e-3};
  const auto run = [&](size_t interrupted) {
    ReduceOnPlateau plateau(plateau_options, 1e-3f);
    EarlyStopping stopping(stop_options);
    std::vector<float> rates;
    int stopped = 0;
    for (size_t i = 0; i < losses.size(); ++i) {
      if (i == interrupted) {
        ReduceOnPlateau other(plateau_options, 42);
        EarlyStopping another(stop_options);
        other.restore(plateau.state());
        another.restore(stopping.state());
        plateau = other;
        stopping = another;
      }
      plateau.update(losses[i]);
      rates.push_back(plateau.rate());
      if (stopping.update(static_cast<int>(i) + 1, losses[i]) && !stopped) stopped = static_cast<int>(i) + 1;
    }
    return std::pair(rates, stopped);
  };
  const auto whole = run(losses.size());
  CHECK(whole.first.back() < 1e-3f);
  CHECK(whole.second == 7);
  for (size_t epoch = 0; epoch < losses.size(); ++epoch) CHECK(run(epoch) == whole);
}

TEST_CASE("an improvement smaller than min_delta is none") {
  EarlyStopping stopping({.patience = 2, .min_delta = 0.1});
  CHECK_FALSE(stopping.update(1, 1.0));
  CHECK(stopping.state().wait == 0);
  CHECK_FALSE(stopping.update(2, 0.95));
  CHECK(stopping.state().wait == 1);
  CHECK(stopping.update(3, 0.91));
  CHECK(stopping.state().best_epoch == 1);
}
