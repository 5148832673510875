// Recipes: the study's own all read, say what the study said, and make networks of its size.
#include "data/contest.h"
#include "train/recipe.h"

#include <doctest/doctest.h>

#include "network/network.h"
#include "tests/support.h"

using namespace lineament;

namespace {

template <class F>
std::string complaint(F&& f) {
  try {
    f();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

size_t parameters_of(const char* recipe) {
  const TrainConfig config = read_recipe(recipe);
  Graph graph;
  Parameters parameters(cpu_backend());
  Scope scope(graph, parameters, Mode::infer);
  find_model(config.model, config.head).build(scope, graph.input({{1, contest::kSide, contest::kSide, 1}}, "images"), {});
  return parameters.count();
}

}  // namespace

TEST_CASE("every built-in recipe reads and makes sense, and begins with a line that says what it is") {
  for (const Recipe& recipe : recipes()) {
    CAPTURE(std::string(recipe.name));
    CHECK(recipe.toml.starts_with("# "));
    CHECK_NOTHROW(validate(read_recipe(recipe.name)));
  }
  for (const Recipe& recipe : study_recipes()) {
    CAPTURE(std::string(recipe.name));
    const TrainConfig config = read_recipe(recipe.name);
    CHECK(config.schedule == Schedule::constant);
    CHECK(config.optimizer.rate == 1e-3f);
    CHECK(config.plateau.factor == 0.7);
    CHECK(config.plateau.patience == 5);
    CHECK(config.stop.patience == 30);
  }
}

TEST_CASE(
    "built-in recipes come in the study's order, and their networks have as many parameters as it says") {
  constexpr std::pair<const char*, size_t> kStudy[] = {{"baseline", 276'510},
                                                       {"baseline_noNA", 276'510},
                                                       {"CNN_ffill1", 13'576'126},
                                                       {"CNN_noNA1", 13'576'126},
                                                       {"resnet_noNA_D1", 23'649'188},
                                                       {"resnet_noNA_D2", 23'787'332},
                                                       {"resnet_noNA_C1D4", 26'240'449},
                                                       {"effnetB7_noNA_D1", 64'174'523},
                                                       {"effnetV2B3_noNA_C2D2", 13'071'877},
                                                       {"resnet_aug_D2", 23'764'420},
                                                       {"effnetB7_aug_D1", 64'174'532},
                                                       {"effnetB7_aug_D1_finetuned", 64'174'532}};
  REQUIRE(study_recipes().size() == std::size(kStudy));
  for (size_t i = 0; i < std::size(kStudy); ++i) {
    CHECK(study_recipes()[i].name == kStudy[i].first);
    CAPTURE(kStudy[i].first);
    CHECK(parameters_of(kStudy[i].first) == kStudy[i].second);
  }
}

TEST_CASE("the last recipe fine-tunes for twenty epochs at a small rate") {
  const TrainConfig config = read_recipe("effnetB7_aug_D1_finetuned");
  CHECK(config.augment == Augmentation::study);
  CHECK(config.stages == std::vector<Stage>{{20, 1e-5f}});
  CHECK(total_epochs(config) == 120);
}

TEST_CASE("a recipe of one's own is a file, and any setting can be said on top") {
  const test::TemporaryFolder work;
  test::write_text(work / "mine.toml", "# Mine.\nmodel = 'cnn'\nepochs = 3\n[optimizer]\nname = 'sgd'\n");
  TrainConfig config = read_recipe((work / "mine.toml").string());
  CHECK(config.epochs == 3);
  CHECK(config.optimizer.kind == OptimizerKind::sgd);
  set_value(config, "optimizer.rate=1e-4");
  set_value(config, "missing=knn");
  set_value(config, "head.dense=256,96");
  set_value(config, "weights=");
  set_value(config, "stages=[{epochs=2, rate=1e-5}]");
  CHECK(config.optimizer.rate == 1e-4f);
  CHECK(config.optimizer.kind == OptimizerKind::sgd);
  CHECK(config.missing == Missing::knn);
  CHECK(config.head.dense == "256,96");
  CHECK(config.weights == "");
  CHECK(config.stages.size() == 1);
}

TEST_CASE("mistakes in recipes are one line that says where") {
  const test::TemporaryFolder work;
  const std::string path = (work / "mine.toml").string();
  test::write_text(path, "model = 'cnn'\nepochs = = 3\n");
  CHECK(complaint([&] { read_recipe(path); }).find("mine.toml:2:") != std::string::npos);
  test::write_text(path, "[optimizer]\nrte = 3\n");
  CHECK(complaint([&] { read_recipe(path); }).find("did you mean \"optimizer.rate\"?") != std::string::npos);
  CHECK(complaint([&] { read_recipe((work / "none.toml").string()); }).find("no such file") !=
        std::string::npos);
  CHECK(complaint([] { read_recipe("resnet_noNA_D3"); }).find("did you mean resnet_noNA_D") !=
        std::string::npos);
  TrainConfig config;
  CHECK(complaint([&] { set_value(config, "epochs"); }) ==
        "--set epochs: expected KEY=VALUE, such as optimizer.rate=1e-4");
  CHECK(complaint([&] { set_value(config, "epochs=many"); }) ==
        "--set epochs=many: \"epochs\" is \"many\", expected a whole number, 1 to 1000000");
  CHECK(complaint([&] { set_value(config, "epoch=3"); }).find("did you mean \"epochs\"?") !=
        std::string::npos);
}
