// A training in folds: every row is left out once, answered by the fold that has not seen it, stopped or not to the
// same bytes.
#include "train/folds.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "data/drawn/synthetic.h"
#include "data/parts.h"
#include "network/predictor.h"
#include "tests/support.h"

using namespace lineament;
using test::TemporaryFolder;

namespace {

constexpr int kFolds = 3;

TrainConfig small(const TemporaryFolder& folder, const std::string& name) {
  TrainConfig config;
  config.rows = 120;
  config.dev_rows = 11;
  config.model = "baseline";
  config.epochs = 3;
  config.batch = 17;
  config.fold.of = kFolds;
  config.out = (folder / name).string();
  return config;
}

/// One that several tests read, trained once.
const TrainConfig& trained() {
  static const TemporaryFolder folder;
  static const TrainConfig config = [] {
    TrainConfig made = small(folder, "whole");
    train_folds(made);
    return made;
  }();
  return config;
}

/// A copy of it for a test of its own.
TrainConfig copied(const TemporaryFolder& folder) {
  TrainConfig config = trained();
  test::fs::copy(config.out, folder / "copy", test::fs::copy_options::recursive);
  config.out = (folder / "copy").string();
  return config;
}

Faces rows_only(size_t count) {
  Faces faces;
  faces.add_rows(count);
  std::iota(faces.ids.begin(), faces.ids.end(), 1);
  return faces;
}

/// Of all folds: what must be the same however often a training was stopped.
std::map<std::string, std::string> files_of(const TrainConfig& config) {
  std::map<std::string, std::string> files;
  files["out_of_fold.csv"] = test::read_text(config.out + "/out_of_fold.csv");
  for (int part = 1; part <= kFolds; ++part)
    for (const char* name : {"last.safetensors", "model.safetensors"}) {
      const std::string file = fmt::format("fold{}/{}", part, name);
      files[file] = test::read_text(config.out + "/" + file);
    }
  return files;
}

std::string refusal(const TrainConfig& config, const StartOptions& start) {
  try {
    train_folds(config, start);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("parts are about as large as each other, of blocks of neighbours dealt out in turn") {
  for (const size_t rows : {size_t{3}, size_t{109}, size_t{2000}, size_t{7049}}) {
    CAPTURE(rows);
    const std::vector<int> parts = parts_of(rows_only(rows), kFolds);
    REQUIRE(parts.size() == rows);
    std::vector<size_t> sizes;
    for (int part = 1; part <= kFolds; ++part) sizes.push_back(static_cast<size_t>(std::ranges::count(parts, part)));
    CHECK(std::accumulate(sizes.begin(), sizes.end(), size_t{0}) == rows);
    CHECK(std::ranges::max(sizes) - std::ranges::min(sizes) <= 50);
    CHECK(std::ranges::min(sizes) >= rows / 4);
    size_t cuts = 0;
    for (size_t row = 1; row < rows; ++row) cuts += parts[row] != parts[row - 1];
    CHECK(cuts < std::max(rows / 4, size_t{3}) + 1);  // neighbours are mostly of one part
    CHECK(std::ranges::equal(std::span(parts).first(1), std::vector{1}));
  }
  CHECK_THROWS_WITH_AS(parts_of(rows_only(2), kFolds), "2 rows to train on, expected at least as many as folds, 3",
                       InputError);
}

TEST_CASE("faces of one photograph are of one part, wherever they stand in the file") {
  Faces faces = rows_only(400);
  for (size_t row = 0; row < faces.size(); ++row) faces.names.push_back(fmt::format("photo{:03}.jpg", row * 7 % 100));
  const std::vector<int> parts = parts_of(faces, kFolds);
  std::map<std::string, std::set<int>> parts_of_name;
  for (size_t row = 0; row < faces.size(); ++row) parts_of_name[faces.names[row]].insert(parts[row]);
  CHECK(parts_of_name.size() == 100);
  for (const auto& [name, of_name] : parts_of_name) CHECK(of_name.size() == 1);
  CHECK(std::set(parts.begin(), parts.end()).size() == kFolds);
  std::ranges::fill(faces.names, "one.jpg");
  CHECK_THROWS_WITH_AS(parts_of(faces, kFolds),
                       "400 rows in 1 photographs to train on, expected at least as many as folds, 3", InputError);
}

TEST_CASE("each row is left out of one fold and trains in the others; dev rows are in none") {
  TrainConfig config;
  config.rows = 120;
  config.dev_rows = 11;
  const Split all = load_split(config);
  std::map<int, int> left_out, kept;
  for (int part = 1; part <= kFolds; ++part) {
    config.fold = {.of = kFolds, .part = part};
    const Split fold = load_split(config);
    CHECK(fold.dev.ids == all.dev.ids);
    for (const int id : fold.left_out.ids) ++left_out[id];
    for (const int id : fold.train.ids) ++kept[id];
    CHECK(fold.left_out.pixels.size() == fold.left_out.size() * fold.left_out.shape.values());
  }
  CHECK(left_out.size() == all.train.size());
  CHECK(kept.size() == all.train.size());
  for (const int id : all.train.ids) {
    CHECK(left_out[id] == 1);
    CHECK(kept[id] == kFolds - 1);
  }
}

TEST_CASE("every row is answered by the fold that has not seen it") {
  const Folds folds = read_folds(trained().out);
  REQUIRE(folds.answers.size() == 109);
  CHECK(folds.answers.rows == folds.split.train.ids);
  for (int part = 1; part <= kFolds; ++part) {
    const TrainConfig fold = RunFolder::open(config_of_fold(trained(), part).out).read_config();
    CHECK(fold.fold == Fold{kFolds, part});
    const Split split = load_split(fold);
    const std::vector<Keypoints> said = Predictor::load(fold.out).predict(split.left_out);
    for (size_t i = 0; i < said.size(); ++i) {
      const auto at = std::ranges::find(folds.answers.rows, split.left_out.ids[i]) - folds.answers.rows.begin();
      CHECK(folds.answers.folds[at] == part);
      CHECK(folds.answers.answers[at] == said[i]);  // 9 digits are all of a float
    }
  }
}

TEST_CASE("a training in folds that was stopped goes on to the same bytes") {
  const TemporaryFolder folder;
  const TrainConfig config = small(folder, "whole");  // its name is in no file that is compared
  struct Stopped {};
  int epochs = 0;
  const WatchFold stop_in_the_second = [&](const TrainConfig&) {
    return TrainObserver{.epoch = [&](const EpochRecord&, bool) {
      if (++epochs == config.epochs + 2) throw Stopped();
    }};
  };
  CHECK_THROWS_AS(train_folds(config, {}, stop_in_the_second), Stopped);
  CHECK_FALSE(test::fs::exists(config.out + "/out_of_fold.csv"));
  CHECK_THROWS_WITH_AS(read_folds(config.out),
                       (config.out + ": its folds are not done: lineament train --resume --out " + config.out).c_str(),
                       InputError);

  std::vector<int> trained_now;
  const auto first = test::fs::last_write_time(config.out + "/fold1/last.safetensors");
  train_folds(config, {.resume = true}, [&](const TrainConfig& fold) {
    trained_now.push_back(fold.fold.part);
    return TrainObserver{};
  });
  CHECK(trained_now == std::vector<int>{2, 3});
  CHECK(test::fs::last_write_time(config.out + "/fold1/last.safetensors") == first);
  CHECK((files_of(config) == files_of(trained())));
}

TEST_CASE("one that is done and resumed is let be; with more epochs all of it goes on") {
  const TemporaryFolder folder;
  TrainConfig config = copied(folder);
  const auto before = files_of(config);
  const FoldsResult again = train_folds(config, {.resume = true}, [](const TrainConfig&) -> TrainObserver {
    FAIL("trains");
    return {};
  });
  CHECK((files_of(config) == before));
  CHECK(again.folds.size() == kFolds);
  CHECK(again.out_of_fold.faces == 109);
  config.epochs = 4;
  CHECK(train_folds(config, {.resume = true}).folds[2].epochs == 4);
  CHECK(RunFolder::open(config.out).read_config().epochs == 4);
}

TEST_CASE("what a training in folds cannot go on with is refused, and nothing is changed") {
  const TemporaryFolder folder;
  TrainConfig config = copied(folder);
  const auto before = files_of(config);
  CHECK(contains(refusal(config, {}), "copy: holds a run already (config.json)"));
  CHECK(contains(refusal(config, {.resume = true, .allow_other_data = true}), "--allow-other-data: not with --folds"));
  TrainConfig other = config;
  other.rows = 119;
  CHECK(contains(refusal(other, {.resume = true}),
                 "was started with rows = \"120\", the training in folds with \"119\""));
  CHECK((files_of(config) == before));
  test::fs::remove(config.out + "/fold2/last.safetensors");
  CHECK(contains(refusal(config, {.resume = true}), "fold2: last.safetensors is missing"));
  CHECK_FALSE(contains(refusal(config, {.overwrite = true}), "fold2"));
  CHECK((files_of(config) == before));

  TrainConfig many = small(folder, "many");
  many.fold.of = 100;
  many.rows = 60;
  CHECK(contains(refusal(many, {}), "49 rows to train on, expected at least as many as folds, 100"));
  CHECK_FALSE(test::fs::exists(many.out));
  many.fold.of = kFolds;
  many.weights = "nowhere.safetensors";
  CHECK(contains(refusal(many, {}), "nowhere.safetensors"));
  CHECK_FALSE(test::fs::exists(many.out));  // what cannot be trained leaves nothing behind
}

TEST_CASE("a single training refuses the settings of several") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH_AS(train(small(folder, "a")), doctest::Contains("fold.of 3: is 3 trainings, this is one"),
                       InputError);
}

TEST_CASE("a training in folds answers by the mean of its folds") {
  const std::vector<std::string> names{trained().out};
  Ensemble ensemble = Ensemble::load(names);
  CHECK(ensemble.model_name() == "3 x baseline");
  const Faces faces = synthetic_faces(5, 9);
  const std::vector<Keypoints> together = ensemble.predict(faces);
  std::vector<std::vector<Keypoints>> alone;
  for (int part = 1; part <= kFolds; ++part)
    alone.push_back(Predictor::load(config_of_fold(trained(), part).out).predict(faces));
  for (size_t row = 0; row < faces.size(); ++row)
    for (size_t c = 0; c < together[row].size(); ++c)
      CHECK(together[row][c] ==
            doctest::Approx((alone[0][row][c] + alone[1][row][c] + alone[2][row][c]) / 3).epsilon(1e-6));
}

TEST_CASE(
    "answers out of fold come back from their file, deviations too; what is no such file is refused by its line") {
  const TemporaryFolder folder;
  OutOfFold all{.points = {"eye", "nose"},
                .rows = {3, 7},
                .folds = {2, 1},
                .answers = {{1.0f / 3, -2e-7f, 96, 1e9f}, {0, 1, 2, 3}}};
  for (const bool deviations : {false, true}) {
    if (deviations) all.deviations = {{0.1f, 2.0f / 3}, {1, 2}};
    write_out_of_fold(folder / "a.csv", all);
    const OutOfFold read = read_out_of_fold(folder / "a.csv");
    CHECK(read.points == all.points);
    CHECK(read.rows == all.rows);
    CHECK(read.folds == all.folds);
    CHECK(read.answers == all.answers);
    CHECK(read.deviations == all.deviations);
  }
  const std::string good = "row,fold,eye_x,eye_y,note\n1,1,2.5,3,mine\n";
  test::write_text(folder / "good.csv", good);
  CHECK(read_out_of_fold(folder / "good.csv").answers[0] == Keypoints{2.5f, 3});
  for (const auto& [text, said] :
       {std::pair{"row,fold,eye_x\n1,1,2\n", "column eye_y is missing"},
        {"row,fold,note\n1,1,2\n", "no column NAME_x"},
        {"fold,eye_x,eye_y\n1,2,2\n", "column row is missing"},
        {"row,fold,eye_x,eye_y\n0,1,2,2\n", ":2: column row is \"0\""},
        {"row,fold,eye_x,eye_y\n1,1,,2\n", ":2: column eye_x is \"\", expected px"},
        {"row,fold,eye_x,eye_y\n1,1,nan,2\n", ":2: column eye_x is \"nan\""},
        {"row,fold,a_x,a_y,b_x,b_y,b_deviation\n1,1,1,2,2,2,1\n", "deviations of some points alone"}}) {
    CAPTURE(std::string(text));
    test::write_text(folder / "bad.csv", text);
    CHECK_THROWS_WITH_AS(read_out_of_fold(folder / "bad.csv"), doctest::Contains(said), InputError);
  }
  all.answers[1][2] = kMissing;
  CHECK_THROWS_AS(write_out_of_fold(folder / "b.csv", all), RunError);
  CHECK_FALSE(test::fs::exists(folder / "b.csv"));
}
