// Schedules against Keras's CosineDecay, and at their corners.
#include "optim/schedule.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "tests/support.h"

using namespace lineament;

TEST_CASE("cosine with and without warm-up gives Keras's rates") {
  const auto goldens = nlohmann::json::parse(
      test::read_text(test::fs::path(LINEAMENT_SOURCE_DIR) / "tests/goldens/optimizers.json"));
  REQUIRE(goldens["cosine"].size() == 2);
  for (const auto& golden : goldens["cosine"]) {
    const auto& settings = golden["settings"];
    const double base = settings.value("warmup_target", settings["initial_learning_rate"].get<double>());
    const Schedule schedule = {.shape = Schedule::cosine,
                               .warmup_steps = settings.value("warmup_steps", 0),
                               .decay_steps = settings["decay_steps"],
                               .final_share = settings["alpha"]};
    int64_t step = 0;
    for (const double rate : golden["rates"])  // Keras computes in float32, and 1 + cos cancels near the end
      CHECK(std::abs(base * schedule.share(step++) - rate) < 1e-7 * base + 1e-6 * rate);
  }
}

TEST_CASE("a constant rate is the base rate at every step") {
  const Schedule schedule;
  for (const int64_t step : {0, 1, 7, 1'000'003}) CHECK(schedule.share(step) == 1);
}

TEST_CASE("warm-up climbs from 0 in equal steps and then leaves a constant alone") {
  const Schedule schedule = {.warmup_steps = 4};
  const double expected[] = {0, 0.25, 0.5, 0.75, 1, 1, 1};
  for (int64_t step = 0; step < 7; ++step) CHECK(schedule.share(step) == expected[step]);
}

TEST_CASE("a cosine stays at its final share once it is there") {
  const Schedule schedule = {
      .shape = Schedule::cosine, .warmup_steps = 3, .decay_steps = 7, .final_share = 0.125};
  CHECK(schedule.share(3) == 1);
  CHECK(schedule.share(10) == 0.125);
  CHECK(schedule.share(1'000'000) == 0.125);
  CHECK(schedule.share(9) > 0.125);
}

TEST_CASE("schedules are found by name, and an unknown name is refused with the list") {
  CHECK(parse_choice<Schedule::Shape>("constant", "--schedule") == Schedule::constant);
  CHECK(parse_choice<Schedule::Shape>("cosine", "--schedule") == Schedule::cosine);
  CHECK_THROWS_WITH_AS(parse_choice<Schedule::Shape>("cosin", "--schedule"),
                       "--schedule cosin: expected one of constant, cosine; did you mean cosine?",
                       InputError);
}
