// Settings to JSON and back, and what is refused.
#include "train/config.h"

#include <doctest/doctest.h>

#include <cmath>

#include "base/check.h"
#include "base/cpus.h"
#include "base/nearest.h"
#include "train/settings.h"

using namespace lineament;

namespace {

TrainConfig unusual() {
  TrainConfig c;
  c.data = "some folder/\"quoted\"";
  c.rows = 1201;
  c.dev_rows = 101;
  c.fold = {5, 2};
  c.missing = Missing::knn;
  c.augment = Augmentation::fresh;
  c.draws.erase = 0.25f;
  c.stages = {{20, 1e-5f}, {1, 0.5f}};
  c.model = "resnet50";
  c.head = {.front_kernel = 2, .front_channels = 7, .dense = "256,96", .dropout = 0.35f};
  c.loss = Loss::cross_entropy;
  c.epochs = 7;
  c.batch = 33;
  c.seed = 18'446'744'073'709'551'615u;
  c.optimizer = {.kind = OptimizerKind::sgd,
                 .rate = 0.1f,
                 .beta1 = 0.8f,
                 .beta2 = 0.9999f,
                 .rho = 0.7f,
                 .momentum = 0.9f,
                 .nesterov = true,
                 .epsilon = 1e-8f,
                 .weight_decay = 0.03f,
                 .average_decay = 0.995f};
  c.schedule = Schedule::cosine;
  c.warmup_epochs = 2;
  c.final_share = 0.01;
  c.plateau = {.on = Monitor::loss, .factor = 0.7, .patience = 5, .min_delta = 0.01, .cooldown = 2, .min_rate = 1e-6f};
  c.stop = {.on = Monitor::dev, .patience = 30, .min_delta = 0.001};
  c.device = Device::cuda;
  c.precision = Precision::bf16;
  c.deterministic = true;
  c.threads = 3;
  c.kernel = "conv2d.cpu.direct";
  c.out = "runs/a";
  return c;
}

/// The text of the InputError that f throws; empty if it throws none.
template <class F>
std::string complaint(F&& f) {
  try {
    f();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("every setting comes back from JSON as it was") {
  for (const TrainConfig& config : {TrainConfig(), unusual()}) {
    const std::string json = to_json(config);
    CHECK(to_json(parse_config(json)) == json);
  }
  const TrainConfig c = parse_config(to_json(unusual()));
  CHECK(c.data == unusual().data);
  CHECK(c.seed == unusual().seed);
  CHECK(c.optimizer.rate == 0.1f);
  CHECK(c.optimizer.beta2 == 0.9999f);
  CHECK(c.optimizer.nesterov);
  CHECK(c.final_share == 0.01);
  CHECK(c.fold == Fold{5, 2});
  CHECK(c.head.front_kernel == 2);
  CHECK(c.head.dense == "256,96");
  CHECK(c.plateau.on == Monitor::loss);
  CHECK(c.plateau.cooldown == 2);
  CHECK(c.plateau.min_rate == 1e-6f);
  CHECK(c.stop.on == Monitor::dev);
  CHECK(c.stop.min_delta == 0.001);
  CHECK(c.out == "runs/a");
  CHECK(c.augment == Augmentation::fresh);
  CHECK(c.draws.erase == 0.25f);
  CHECK(c.stages == std::vector<Stage>{{20, 1e-5f}, {1, 0.5f}});
  CHECK(total_epochs(c) == c.epochs + 21);
}

TEST_CASE("numbers are written as people wrote them") {
  const std::string json = to_json(TrainConfig());
  CHECK(json.find("\"beta1\": 0.9,") != std::string::npos);
  CHECK(json.find("\"rate\": 0.001,") != std::string::npos);
  CHECK(json.find("\"batch\": 64,") != std::string::npos);
}

TEST_CASE("keys left out keep their defaults") {
  const TrainConfig c = parse_config(R"({"epochs": 3})");
  CHECK(c.epochs == 3);
  CHECK(c.batch == 64);
  CHECK(c.missing == Missing::mask);
  const TrainConfig before = parse_config(R"({"plateau": {"patience": 5}, "stop": {"patience": 30}})");  // of older programs
  CHECK(before.plateau.on == Monitor::dev);
  CHECK(before.stop.on == Monitor::loss);
}

TEST_CASE("an unknown key is refused with the nearest one") {
  CHECK(complaint([] { parse_config(R"({"epoch": 3})", "a.json"); }) ==
        "a.json: unknown setting \"epoch\", did you mean \"epochs\"?");
  CHECK(complaint([] { parse_config(R"({"plateau": {"patiens": 3}})"); }) ==
        "config.json: unknown setting \"plateau.patiens\", did you mean \"plateau.patience\"?");
  CHECK(complaint([] { parse_config(R"({"rotation": 3})"); }) ==
        "config.json: unknown setting \"rotation\", did you mean \"augment.rotation\"?");
  CHECK(complaint([] { parse_config(R"({"optimizer.rate": 3})"); }) ==
        "config.json: \"optimizer.rate\" is one word, expected {\"optimizer\": {\"rate\": ...}}");
  CHECK(complaint([] { parse_config(R"({"xyzzy": 3})"); }) == "config.json: unknown setting \"xyzzy\"");
}

TEST_CASE("a value of another type, or beyond its type, is refused by name") {
  CHECK(complaint([] { parse_config(R"({"epochs": "3"})"); }) ==
        "config.json: \"epochs\" is \"3\", expected a whole number, 1 to 1000000");
  for (const char* json : {R"({"epochs": 3.5})", R"({"epochs": 3000000000})",
                           R"({"epochs": 18446744073709551615})", R"({"seed": -1})", R"({"seed": 1e3})",
                           R"({"optimizer": {"rate": "fast"}})", R"({"optimizer": {"nesterov": 1}})",
                           R"({"stages": [{"epochs": 1}]})", R"({"model": null})", R"({"model": 5})"}) {
    CAPTURE(json);
    CHECK(complaint([&] { parse_config(json); }).find(", expected ") != std::string::npos);
  }
}

TEST_CASE("what is no JSON object is refused in one line") {
  const auto refused = [](const std::string& json, const std::string& expected) {
    CHECK(complaint([&] { parse_config(json, "c.json"); }) == "c.json: " + expected);
  };
  refused("", "is empty, expected JSON");
  refused("{", "is no JSON, from byte 2 on");
  refused("[1]", "is not a JSON object of settings");
  refused("nonsense", "is no JSON, from byte 2 on");
  refused("{\"epochs\": 1e999}", "holds a number beyond any that is read, such as 1e999");
  refused("\xff\xfe", "is no JSON, from byte 1 on");
  refused("{\"epochs\": 1, \"epochs\": 2}", "an object says a key twice");
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "{\"a\":";
  refused(deep, "nested deeper than 64");
}

TEST_CASE("the defaults make sense, and each setting that does not is refused by its option's name") {
  CHECK(complaint([] { validate(TrainConfig()); }) == "");
  struct Row {
    void (*spoil)(TrainConfig&);
    const char* expected;
  };
  const Row rows[] = {
      {[](TrainConfig& c) { c.batch = 0; }, "--batch 0: expected 1 to 65536"},
      {[](TrainConfig& c) { c.epochs = -3; }, "--epochs -3: expected 1 to 1000000"},
      {[](TrainConfig& c) { c.dev_rows = -1; }, "--dev-rows -1: expected 0 or more"},
      {[](TrainConfig& c) { c.rows = -1; }, "--rows -1: expected 0 or more"},
      {[](TrainConfig& c) { c.optimizer.rate = 0; }, "--rate 0: expected a number above 0"},
      {[](TrainConfig& c) { c.optimizer.rate = -0.1f; }, "--rate -0.1: expected a number above 0"},
      {[](TrainConfig& c) { c.optimizer.rate = 1.0f / 0.0f; }, "--rate inf: expected a number above 0"},
      {[](TrainConfig& c) { c.optimizer.rate = std::nanf(""); }, "--rate nan: expected a number above 0"},
      {[](TrainConfig& c) { c.optimizer.beta1 = 1; }, "beta1 1: expected 0 or more, below 1"},
      {[](TrainConfig& c) { c.optimizer.momentum = -0.5f; }, "--momentum -0.5: expected 0 or more, below 1"},
      {[](TrainConfig& c) { c.optimizer.weight_decay = 2; }, "--weight-decay 2: expected 0 to 1"},
      {[](TrainConfig& c) { c.optimizer.average_decay = 1; },
       "--average-decay 1: expected 0 or more, below 1"},
      {[](TrainConfig& c) { c.optimizer.nesterov = true; }, "nesterov: needs a --momentum above 0"},
      {[](TrainConfig& c) { c.precision = Precision::tf32; },
       "--precision tf32: the CPU computes in f32 alone; leave it out, or use --device cuda"},
      {[](TrainConfig& c) { c.epochs = 5, c.warmup_epochs = 5; },
       "--warmup-epochs 5: expected fewer than --epochs 5"},
      {[](TrainConfig& c) { c.final_share = 1.5; }, "--final-share 1.5: expected 0 to 1"},
      {[](TrainConfig& c) { c.plateau.factor = 1; }, "--plateau-factor 1: expected a number between 0 and 1"},
      {[](TrainConfig& c) { c.head.front_kernel = 3; }, "--front-kernel 3: expected 1 or 2"},
      {[](TrainConfig& c) { c.head.front_channels = 65; }, "--front-channels 65: expected 0 to 64"},
      {[](TrainConfig& c) { c.head.dropout = 1; }, "--dropout 1: expected 0 or more, below 1"},
      {[](TrainConfig& c) { c.head.dense = "96;30"; },
       "--dense 96;30: expected at most 4 layers of 1 to 4096 units, such as 96 or 256,96"},
      {[](TrainConfig& c) { c.head.dense = "96"; },
       "--front-kernel, --front-channels, --dense: settings of backbones such as resnet50, cnn is none"},
      {[](TrainConfig& c) { c.fold.of = 1; }, "--folds 1: expected 0, or 2 or more"},
      {[](TrainConfig& c) { c.fold.of = 101; }, "--folds 101: expected 0 to 100"},
      {[](TrainConfig& c) { c.fold = {5, 6}; }, "fold.part 6: expected 0 to 5, as fold.of (--folds) says"},
      {[](TrainConfig& c) { c.fold.part = 1; }, "fold.part 1: expected 0 to 0, as fold.of (--folds) says"},
      {[](TrainConfig& c) { c.stop.patience = -2; }, "--stop-patience -2: expected 0 or more"},
      {[](TrainConfig& c) { c.stop.min_delta = -1; }, "stop.min_delta -1: expected 0 or more"},
      {[](TrainConfig& c) { c.plateau.min_delta = NAN; }, "plateau.min_delta nan: expected 0 or more"},
      {[](TrainConfig& c) { c.plateau.cooldown = -1; }, "plateau.cooldown -1: expected 0 or more"},
      {[](TrainConfig& c) { c.plateau.min_rate = -1; }, "plateau.min_rate -1: expected 0 or more"},
  };
  for (const Row& row : rows) {
    TrainConfig config;
    row.spoil(config);
    CHECK(complaint([&] { validate(config); }) == row.expected);
  }
  TrainConfig config;
  config.model = "resnet";
  CHECK(complaint([&] { validate(config); }) != "");
}

TEST_CASE("threads are bounded by what the machine has") {
  TrainConfig config;
  config.threads = most_threads();
  CHECK(complaint([&] { validate(config); }) == "");
  ++config.threads;
  CHECK(complaint([&] { validate(config); }) ==
        fmt::format("--threads {}: expected 0 to {}", config.threads, most_threads()));
  CHECK(most_threads() >= 64);
}

TEST_CASE("a setting that nothing would read is refused in a new run alone") {
  TrainConfig config;
  CHECK(complaint([&] { expect_used(config); }) == "");
  config.optimizer.momentum = 0.9f;
  CHECK(complaint([&] { validate(config); }) == "");
  CHECK(complaint([&] { expect_used(config); }) ==
        "--momentum: nothing would read it: it is of sgd and rmsprop, the optimizer is adam");
  config.optimizer.kind = OptimizerKind::sgd;
  CHECK(complaint([&] { expect_used(config); }) == "");
  config.draws.flip = 0;
  CHECK(complaint([&] { expect_used(config); }).find("augment fresh") != std::string::npos);
}

TEST_CASE("what decides which faces there are is told from the rest") {
  TrainConfig config;
  config.rows = 7, config.drawn_gaps = false, config.dev_rows = 2;
  const TrainConfig data = data_settings(config);
  CHECK(to_json(data) == to_json(config));
  config.epochs = 3;
  CHECK(to_json(data_settings(config)) == to_json(data));
}

TEST_CASE("the bounds of a setting are those of its option") {
  CHECK(bounds_of<int>("--batch").most == 65536);
  CHECK(bounds_of<float>("--rate").above);
  CHECK(bounds_of<int>("--front-kernel").least < 0);  // its own
}

TEST_CASE("a name that is in no table is refused where it is read, with the names that are and the nearest") {
  const auto refused = [](const char* json, const std::string& expected) {
    CAPTURE(json);
    CHECK(complaint([&] { parse_config(json); }) == "config.json: " + expected);
  };
  refused(R"({"optimizer": {"name": "adm"}})",
          R"("optimizer.name" is "adm", expected one of adam, adamw, sgd, rmsprop; did you mean adam?)");
  refused(R"({"device": "tpu"})", R"("device" is "tpu", expected one of cpu, cuda; did you mean cpu?)");
  refused(R"({"precision": "fp16"})",
          R"("precision" is "fp16", expected one of f32, tf32, bf16; did you mean bf16?)");
  refused(R"({"loss": "mae"})", R"("loss" is "mae", expected one of mean_squared_error, l1, smooth_l1, wing, gaussian, laplace, cross_entropy)");
  refused(R"({"schedule": {"shape": "step"}})",
          R"("schedule.shape" is "step", expected one of constant, cosine)");
  refused(R"({"missing": ""})", R"("missing" is "", expected one of mask, drop, ffill, knn)");
  refused(R"({"missing": "mean"})", R"("missing" is "mean", expected one of mask, drop, ffill, knn)");
  refused(R"({"augment": {"kind": "Fresh"}})",
          R"("augment.kind" is "Fresh", expected one of none, study, fresh; did you mean fresh?)");
  refused(R"({"stop": {"on": "dew"}})", R"("stop.on" is "dew", expected one of dev, loss; did you mean dev?)");
  refused(R"({"missing": 3})", R"("missing" is 3, expected a text)");
  refused(R"({"loss": null})", R"("loss" is null, expected a text)");
}

TEST_CASE("a loss is one of the table, or an empty text: the model's own") {
  CHECK(parse_config("{}").loss == std::nullopt);
  CHECK(parse_config(R"({"loss": "cross_entropy"})").loss == Loss::cross_entropy);
  TrainConfig config;
  config.loss = Loss::cross_entropy;
  CHECK(parse_config(R"({"loss": ""})", "config.json", config).loss == std::nullopt);
  CHECK(to_json(TrainConfig()).find("\"loss\": \"\",") != std::string::npos);
}

TEST_CASE("the nearest name is found by edits, and none is offered for another word") {
  const std::string_view names[] = {"epochs", "batch", "rate"};
  CHECK(nearest("epoch", names) == "epochs");
  CHECK(nearest("bacth", names) == "batch");
  CHECK(nearest("Rate", names) == "rate");
  CHECK(nearest("zzzzzz", names) == "");
  CHECK(nearest("", names) == "");
}

TEST_CASE("settings say their version; those of a newer program are refused by it") {
  CHECK(to_json(TrainConfig{}).find("\"version\": 2") != std::string::npos);
  CHECK_NOTHROW(parse_config("{\"version\": 1}"));
  CHECK_THROWS_WITH_AS(parse_config("{\"version\": 3}", "c.json"),
                       "c.json: settings of version 3, this program reads 1 to 2: they take a newer lineament", InputError);
}
