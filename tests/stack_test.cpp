// A blend of networks' answers is the one that a sheet of paper gives, and a stack answers by it.
#include "train/stacking.h"

#include <doctest/doctest.h>

#include "base/dice.h"
#include "data/drawn/synthetic.h"
#include "network/predictor.h"
#include "tests/command_run.h"
#include "train/folds.h"

using namespace lineament;
using test::TemporaryFolder;

namespace {

TrainConfig small(const std::string& out, const char* model, int folds) {
  TrainConfig config;
  config.rows = 150;
  config.dev_rows = 20;
  config.model = model;
  config.epochs = 4;
  config.fold.of = folds;
  config.out = out;
  return config;
}

/// Two trainings in folds of different networks over the same rows, trained once.
const TemporaryFolder& trained() {
  static const TemporaryFolder folder;
  [[maybe_unused]] static const bool done = [] {
    train_folds(small((folder / "a").string(), "baseline", 3));
    train_folds(small((folder / "b").string(), "dense2", 2));
    return true;
  }();
  return folder;
}

Keypoints blended(const Blend& blend, const std::vector<Keypoints>& answers) {
  std::vector<const Keypoints*> each;
  for (const Keypoints& answer : answers) each.push_back(&answer);
  return blend.of(each);
}

}  // namespace

// Labels 0, answers x = +-1 of the first and +-3 of the second, y = 0. Mean answers are +-2, so e = -+2, s^2 = (4 + 4 +
// 0 + 0) / 4 = 2; half differences of the answers are -+1. At a ridge of 1/2 the departure v of the first weight from
// 1/2 makes 2 (2 - 2v)^2 + (1/2) 2 (2 v^2) smallest: -8 (2 - 2v) + 4v = 0, v = 4/5.
TEST_CASE("two networks, by hand: weights 1.3 and -0.3, and the offset that a shifted network needs") {
  const std::vector<Keypoints> labels{{0, 0}, {0, 0}}, first{{1, 0}, {-1, 0}}, second{{3, 0}, {-3, 0}};
  const Blend blend = fit_blend(std::vector{first, second}, labels, 0.5);
  CHECK(blend.weights[0][0] == doctest::Approx(1.3));
  CHECK(blend.weights[1][0] == doctest::Approx(-0.3));
  CHECK(blend.offset[0] == doctest::Approx(0));
  CHECK(blended(blend, {{1, 0}, {3, 0}})[0] == doctest::Approx(0.4));

  const std::vector<Keypoints> shifted{{6, 2}, {4, 2}};
  const Blend moved = fit_blend(std::vector{shifted, second}, labels, 0.5);
  CHECK(moved.weights[0][0] == doctest::Approx(1.3));
  CHECK(moved.offset[0] == doctest::Approx(-1.3 * 5));
  CHECK(moved.offset[1] == doctest::Approx(-1.3 * 2));
}

TEST_CASE("without a ridge to speak of the blend finds what made the labels; with a strong one weights are equal") {
  Dice dice(1, 1);
  std::vector<std::vector<Keypoints>> answers(3);
  std::vector<Keypoints> labels;
  for (int row = 0; row < 200; ++row) {
    Keypoints label;
    std::vector<Keypoints> each(3);
    for (int c = 0; c < 4; ++c) {
      for (Keypoints& answer : each) answer.push_back(dice.normal(48, 10));
      const float w = c < 2 ? 0.2f : 1.1f;  // x and y of a point share them
      label.push_back(w * each[0][c] + 0.5f * each[1][c] + (0.5f - w) * each[2][c] + static_cast<float>(c));
    }
    if (row % 3 == 0) label[2] = label[3] = kMissing;
    labels.push_back(label);
    for (int n = 0; n < 3; ++n) answers[n].push_back(each[n]);
  }
  const Blend exact = fit_blend(answers, labels, 1e-9);
  for (int k = 0; k < 2; ++k) {
    CHECK(exact.weights[0][k] == doctest::Approx(k == 0 ? 0.2 : 1.1).epsilon(1e-4));
    CHECK(exact.weights[1][k] == doctest::Approx(0.5).epsilon(1e-4));
    CHECK(exact.weights[0][k] + exact.weights[1][k] + exact.weights[2][k] == doctest::Approx(1).epsilon(1e-12));
  }
  for (int c = 0; c < 4; ++c) CHECK(exact.offset[c] == doctest::Approx(c).epsilon(1e-3));
  for (const std::vector<double>& weights : fit_blend(answers, labels, 1e9).weights)
    for (const double weight : weights) CHECK(weight == doctest::Approx(1.0 / 3).epsilon(1e-4));
}

TEST_CASE("a point that no row has, and networks that agree, get equal weights") {
  const std::vector<Keypoints> labels{{1, 2, kMissing, kMissing}}, same{{1, 2, 3, 4}};
  const Blend blend = fit_blend(std::vector{same, same}, labels);
  CHECK(blend.weights == std::vector<std::vector<double>>{{0.5, 0.5}, {0.5, 0.5}});
  CHECK(blend.offset == std::vector<double>(4));
}

TEST_CASE("a stack of one run is that run with offsets, which take its mean error away") {
  const TemporaryFolder folder;
  const std::vector<test::fs::path> runs{trained() / "a"};
  const Stacking one = stack_runs(folder / "s", runs);
  for (const double weight : one.stack.blend.weights[0]) CHECK(weight == doctest::Approx(1).epsilon(1e-12));
  const Folds folds = read_folds(trained() / "a");
  for (size_t c = 0; c < one.stack.blend.offset.size(); ++c) {
    double sum = 0;
    int count = 0;
    for (size_t row = 0; row < folds.answers.size(); ++row)
      if (const float label = folds.split.train.keypoints[row][c]; !std::isnan(label))
        sum += label - folds.answers.answers[row][c], ++count;
    CHECK(one.stack.blend.offset[c] == doctest::Approx(sum / count).epsilon(1e-6));
  }
  test::fs::create_directory(folder / "s");
  write_stack(folder / "s", one.stack);
  const Faces faces = synthetic_faces(4, 3);
  const std::vector<std::string> run{(trained() / "a").string()}, stack{(folder / "s").string()};
  const auto plain = Ensemble::load(run).predict(faces), moved = Ensemble::load(stack).predict(faces);
  const auto mirrored = Ensemble::load(run, true).predict(faces), both = Ensemble::load(stack, true).predict(faces);
  const std::vector<double>& offset = one.stack.blend.offset;
  for (size_t row = 0; row < faces.size(); ++row) {
    for (size_t c = 0; c < offset.size(); ++c)
      CHECK(moved[row][c] == doctest::Approx(plain[row][c] + offset[c]).epsilon(1e-5));
    // The nose's tip is its own partner: of x the mirror image takes the offset away again, of y it does not.
    CHECK(both[row][20] == doctest::Approx(mirrored[row][20]).epsilon(1e-5));
    CHECK(both[row][21] == doctest::Approx(mirrored[row][21] + offset[21]).epsilon(1e-5));
  }
}

TEST_CASE("offsets are in px of the pictures that they were fitted on") {
  const TemporaryFolder folder;
  Stack stack = stack_runs(folder / "s", std::vector<test::fs::path>{trained() / "a"}).stack;
  stack.blend.offset[0] = 3, stack.blend.offset[1] = -6;
  test::fs::create_directory(folder / "s");
  write_stack(folder / "s", stack);
  Faces half{.shape = {48, 48, 1}};
  half.add_rows(1);
  const std::vector<std::string> run{(trained() / "a").string()}, named{(folder / "s").string()};
  const Keypoints plain = Ensemble::load(run).predict(half)[0], moved = Ensemble::load(named).predict(half)[0];
  CHECK(moved[0] - plain[0] == doctest::Approx(1.5).epsilon(1e-4));
  CHECK(moved[1] - plain[1] == doctest::Approx(-3).epsilon(1e-4));
}

TEST_CASE("a stack keeps its runs by relative names where they were said so, and comes back as it was") {
  const TemporaryFolder folder;
  const std::vector<test::fs::path> runs{trained() / "a", trained() / "b"};
  Stack stack = stack_runs(folder / "s", runs, 4).stack;
  CHECK(stack.runs[0] == (trained() / "a").string());
  stack.runs[1] = name_from("x/s", "x/b");
  CHECK(stack.runs[1] == "../b");
  CHECK(folders_of(stack, "x/s")[1] == "x/b");
  test::fs::create_directory(folder / "s");
  write_stack(folder / "s", stack);
  const Stack read = read_stack(folder / "s");
  CHECK(read.runs == stack.runs);
  CHECK(read.points == stack.points);
  CHECK(read.width == 96);
  CHECK(read.blend.weights == stack.blend.weights);
  CHECK(read.blend.offset == stack.blend.offset);
}

TEST_CASE(
    "the command: a stack is better than each of its runs on rows that it was not fitted on, and answers where runs "
    "do") {
  const TemporaryFolder folder;
  test::fs::copy(trained().path, folder.path,
                 test::fs::copy_options::recursive | test::fs::copy_options::overwrite_existing);
  const test::Outcome made = run(folder, "stack ab a b");
  CAPTURE(made.err);
  REQUIRE(made.code == 0);
  const std::vector<test::fs::path> runs{folder / "a", folder / "b"};
  const Stacking result = stack_runs(folder / "ab", runs);
  CHECK(result.faces == 130);
  CHECK(result.stack_mse < std::min(result.run_mse[0], result.run_mse[1]));
  CHECK(made.out.find(fmt::format("{:.4f}", result.stack_mse)) != std::string::npos);
  CHECK(read_stack(folder / "ab").runs == std::vector<std::string>{"../a", "../b"});
  CHECK(run(folder, "evaluate ab").out.find("(3 x baseline + 2 x dense2, ") != std::string::npos);
  CHECK(run(folder, "evaluate ab a").code == 0);
  CHECK(run(folder, "evaluate a --split train").out.find("on 130 train faces") != std::string::npos);
  TrainConfig plain = small("", "baseline", 0),
              wider = plain;  // the folds together have seen what one run of all rows would have
  wider.dev_rows = 30;
  const Split split = load_split(wider);
  const size_t seen = count_trained_on(split.dev, "", plain, split.dev.set);
  REQUIRE(seen >= 10);
  CHECK(run(folder, "evaluate a --dev-rows 30 --json").out.find(fmt::format("\"trained_on\": {},", seen)) !=
        std::string::npos);
  CHECK(run(folder, "evaluate a/fold2 --json").out.find("\"trained_on\": 0,") != std::string::npos);
  CHECK(run(folder, "report a/fold1 a/fold2").code == 0);
  test::check_refused(folder, "report a", "a: is a training in folds: name its runs, a/fold1 and so on");
  test::check_refused(folder, "stack ab a a", "a: said twice");
  test::check_refused(folder, "stack a b", "a: holds a run already (config.json)");
  test::check_refused(folder, "stack c a/fold1", "a/fold1: is no training in folds");
  test::check_refused(folder, "stack c nowhere", "nowhere: no run here");
  CHECK_FALSE(test::fs::exists(folder / "c"));
  test::fs::remove(folder / "b/out_of_fold.csv");
  test::check_refused(folder, "evaluate ab", "b: its folds are not done");
  test::check_refused(folder, "stack c a b", "b: its folds are not done");
}
