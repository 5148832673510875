// Labels that were spoilt are found again: ranked by hand, and by a training in folds that had them in its rows.
#include "train/audit.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include "base/dice.h"
#include "data/drawn/synthetic.h"
#include "data/fit.h"
#include "data/formats/face_table.h"
#include "tests/command_run.h"
#include "train/folds.h"
#include "train/recipe.h"

using namespace lineament;
using test::TemporaryFolder;

namespace {

constexpr double kAnother = 4;  // px of 96, in the mean: labels of a face that lie nearer are hardly wrong
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

constexpr size_t kRows = 2000, kSpoilt = 50, kLookedAt = 75;
constexpr size_t kFound = 30;  // by nine epochs of a small network on half of the rows: 37 here

/// The mean distance between the points of a row and the same points of another, px; 0 where that lacks some.
double distance(const Keypoints& points, const Keypoints& other) {
  double sum = 0;
  int count = 0;
  for (size_t c = 0; c < points.size(); c += 2) {
    if (std::isnan(points[c])) continue;
    if (std::isnan(other[c])) return 0;
    sum += std::hypot(points[c] - other[c], points[c + 1] - other[c + 1]), ++count;
  }
  return sum / count;
}

void shift(Keypoints& points, size_t first, size_t last, double px, Dice& dice) {
  const double turn = 2 * std::numbers::pi * dice.uniform();
  for (size_t k = first; k < last; ++k) {  // NaN stays NaN
    points[2 * k] += static_cast<float>(px * std::cos(turn));
    points[2 * k + 1] += static_cast<float>(px * std::sin(turn));
  }
}

/// The eyes swapped, all points moved, another face's labels, or one point gone wild; px of 96.
void spoil(Faces& faces, size_t row, size_t way, Dice& dice) {
  Keypoints& points = faces.keypoints[row];
  const size_t count = points.size() / 2;
  if (way == 0) {
    std::swap_ranges(points.begin(), points.begin() + 2, points.begin() + 2);
  } else if (way == 1) {
    shift(points, 0, count, dice.between(7, 10), dice);
  } else if (way == 2) {
    size_t other = row;
    while (distance(points, faces.keypoints[other]) < kAnother) other = dice.bits() % faces.size();
    for (size_t c = 0; c < points.size(); ++c)
      if (!std::isnan(points[c])) points[c] = faces.keypoints[other][c];
  } else {
    size_t k = count;
    while (k == count || std::isnan(points[2 * k])) k = dice.bits() % count;
    shift(points, k, k + 1, dice.between(12, 20), dice);
  }
}

/// 2,000 drawn faces as a csv of small pictures, 50 of them spoilt, whose rows these are.
std::set<int> write_spoilt(const test::fs::path& path) {
  Faces faces = synthetic_faces_complete(kRows);
  Dice dice(3, 0);
  std::set<int> spoilt;
  while (spoilt.size() < kSpoilt) {
    const size_t row = dice.bits() % kRows;
    if (spoilt.insert(faces.ids[row]).second) spoil(faces, row, spoilt.size() % 4, dice);
  }
  faces = fitted(faces, {48, 48, 1});
  FaceTable table{.set = faces.set,
                  .shape = faces.shape,
                  .header = faces.set.coordinate_names(),
                  .left_out = {},
                  .labels = {},
                  .pixels = faces.pixels,
                  .ids = faces.ids};
  table.header.push_back("Image");
  for (const Keypoints& points : faces.keypoints) table.labels.emplace_back(points.begin(), points.end());
  write_face_table(path, table);
  return spoilt;
}

}  // namespace

TEST_CASE("a row is suspicious by its worst point or by all of them, in units of what is usual of each point") {
  Dice dice(1, 1);
  std::vector<Keypoints> labels, answers;
  for (int row = 0; row < 100; ++row) {
    const Keypoints label{20, 20, 60, 60, 40, 80};
    Keypoints answer = label;
    for (size_t c = 0; c < 6; ++c)
      answer[c] += dice.normal(c < 4 ? 2.0f : -1.0f, c < 4 ? 0.5f : 4.0f);  // the third is hard to find
    labels.push_back(label), answers.push_back(answer);
  }
  for (float& v : labels[7]) v = kMissing;
  labels[11][4] = labels[11][5] = kMissing;
  answers[11][2] += 9;                                                 // 18 deviations of an easy point
  for (size_t c = 0; c < 6; ++c) answers[23][c] += c < 4 ? 1.5f : 12;  // 3 deviations of every coordinate
  answers[42][4] += 9;                                                 // 2 deviations of the hard point
  const std::vector<Suspect> found = rank_suspects(labels, answers);
  REQUIRE(found.size() == 99);
  CHECK(std::ranges::none_of(found, [](const Suspect& s) { return s.row == 7; }));
  CHECK(found[0].row == 11);
  CHECK(found[0].worst == 1);
  CHECK(found[0].error == doctest::Approx(9).epsilon(0.25));  // without what all rows differ by
  CHECK(found[1].row == 23);
  const auto at = std::ranges::find(found, size_t{42}, &Suspect::row);
  CHECK(at - found.begin() > 1);
  CHECK(std::ranges::is_sorted(found, std::greater<>(), &Suspect::score));
}

TEST_CASE("deviations say what is expected of each row; rows without one are measured as before") {
  std::vector<Keypoints> labels(40, Keypoints{10, 10}), answers = labels;
  std::vector<std::vector<float>> deviations(40);
  for (size_t row = 0; row < 40; ++row) {
    answers[row][0] += row % 2 == 0 ? 1.0f : -1.0f;
    answers[row][1] += row % 4 < 2 ? 1.0f + 0.01f * static_cast<float>(row) : -1.0f;
    if (row < 30) deviations[row] = {1.0f};
  }
  answers[5] = {20, 20}, deviations[5] = {20};  // far, as was said
  answers[6] = {15, 15};                        // less far, and not said
  answers[35] = {30, 30};                       // of those without
  CHECK(rank_suspects(labels, answers).front().row == 35);
  CHECK(rank_suspects(labels, answers)[1].row == 5);
  const std::vector<Suspect> found = rank_suspects(labels, answers, deviations);
  CHECK(std::set{found[0].row, found[1].row} == std::set<size_t>{6, 35});
  CHECK(found.back().row != 6);
  CHECK(rank_suspects({}, {}).empty());
}

// A training of half a minute, which takes many under sanitizers: they see shorter ones.
TEST_CASE("of 50 rows in 2,000 that were spoilt in four ways most are among the first 75, after a short training" *
          doctest::skip(kSanitized)) {
  const TemporaryFolder folder;
  const std::set<int> spoilt = write_spoilt(folder / "faces.csv");
  TrainConfig config = read_recipe("quick");
  set_values(config, std::vector<std::string>{"model=maps_small", "loss=laplace", "epochs=9", "batch=16", "schedule.warmup_epochs=1",
                                              "average.decay=0.98"});
  config.data = (folder / "faces.csv").string();
  config.dev_share = 0.05;
  config.fold.of = 2;
  config.out = (folder / "folds").string();
  train_folds(config);
  const Audit found = audit(config.out, config.data);
  CHECK(found.faces.size() == kRows);
  std::set<int> first;
  for (const Suspect& suspect : std::span(found.suspects).first(kLookedAt)) first.insert(found.faces.ids[suspect.row]);
  const auto hits = std::ranges::count_if(spoilt, [&](int id) { return first.contains(id); });
  CHECK(hits >= static_cast<std::ptrdiff_t>(kFound));

  const test::Outcome told = run(folder, "audit faces.csv --run folds --first 5 --out look");
  CAPTURE(told.err);
  REQUIRE(told.code == 0);
  const std::string csv = test::read_text(folder / "look/audit.csv");
  CHECK(csv.starts_with(fmt::format("row,point,error,score\n{},", found.faces.ids[found.suspects[0].row])));
  CHECK(std::ranges::count(csv, '\n') == static_cast<std::ptrdiff_t>(found.suspects.size()) + 1);
  CHECK(test::fs::file_size(folder / "look/audit.png") > 1000);
}
