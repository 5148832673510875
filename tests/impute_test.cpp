// Missing values: masked, dropped, filled forward, filled from neighbours as scikit-learn does.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "data/contest.h"
#include "base/check.h"
#include "data/impute.h"
#include "data/knn.h"
#include "tests/support.h"

using namespace lineament;
using namespace lineament::test;

namespace {

constexpr double kGap = kMissing;

/// Rows whose first columns are as told and whose others are 1.
LabelTable table_of(std::initializer_list<std::initializer_list<double>> rows) {
  LabelTable table;
  for (const auto& values : rows) {
    table.emplace_back(contest::kCoordinates, 1.0);
    std::ranges::copy(values, table.back().begin());
  }
  return table;
}

Faces faces_of(const LabelTable& table) {
  Faces faces;
  faces.pixels.resize(table.size() * contest::kValues);
  for (size_t row = 0; row < table.size(); ++row) {
    faces.keypoints.emplace_back(table[row].begin(), table[row].end());
    faces.image(row)[5] = static_cast<uint8_t>(row);
    faces.ids.push_back(static_cast<int>(row) + 1);
  }
  return faces;
}

FaceTable read_golden(const std::string& name) {
  return read_face_table(open_text(fs::path(LINEAMENT_SOURCE_DIR) / "tests/goldens" / name, "training"),
                         Labels::only);
}

}  // namespace

TEST_CASE("the four methods are known by name, others are refused with the list") {
  for (const std::string name : {"mask", "drop", "ffill", "knn"})
    CHECK(name_of(parse_choice<Missing>(name, "--missing")) == name);
  CHECK_THROWS_WITH_AS(parse_choice<Missing>("mean", "--missing"),
                       "--missing mean: expected one of mask, drop, ffill, knn", InputError);
}

TEST_CASE("mask leaves the gaps") {
  Faces faces = faces_of(table_of({{1, kGap}, {kGap, 2}}));
  const ImputeReport report = impute(faces, Missing::mask);
  CHECK(report.cells() == 0);
  CHECK(faces.size() == 2);
  CHECK(std::isnan(faces.keypoints[0][1]));
}

TEST_CASE("drop keeps complete rows with their pictures and ids") {
  Faces faces = faces_of(table_of({{1, kGap}, {2, 2}, {kGap, 3}, {4, 4}, {5, 5}}));
  const ImputeReport report = impute(faces, Missing::drop);
  CHECK(report.dropped == 2);
  CHECK(report.kept == std::vector<size_t>{1, 3, 4});
  CHECK(faces.ids == std::vector<int>{2, 4, 5});
  CHECK(faces.keypoints[1][0] == 4.f);
  CHECK(faces.image(2)[5] == 4);
  CHECK(faces.pixels.size() == 3 * contest::kValues);
  LabelTable none = table_of({{kGap}, {1, kGap}});
  CHECK_THROWS_WITH_AS(impute(none, Missing::drop),
                       "drop: none of the 2 rows is complete: use mask, ffill or knn", InputError);
}

TEST_CASE("ffill takes the value above, and at the top the value below, and says so") {
  LabelTable table = table_of({{kGap, 1}, {kGap, kGap}, {7, kGap}, {kGap, 4}, {9, kGap}});
  const ImputeReport report = impute(table, Missing::ffill);
  CHECK(table == table_of({{7, 1}, {7, 1}, {7, 1}, {7, 4}, {9, 4}}));
  CHECK(report.filled[0] == 3);
  CHECK(report.filled[1] == 3);
  CHECK(report.cells() == 6);
  CHECK(report.filled_backward == 2);
}

TEST_CASE("a column without any value stays without, is named, and makes no row incomplete") {
  for (Missing method : {Missing::mask, Missing::drop, Missing::ffill, Missing::knn}) {
    CAPTURE(name_of(method));
    LabelTable table = table_of({{1, 2, kGap}, {3, kGap, kGap}});
    const ImputeReport report = impute(table, method);
    CHECK(report.unlabelled == std::vector<size_t>{2});
    CHECK(report.cells() == (method == Missing::ffill || method == Missing::knn ? 1 : 0));
    REQUIRE(table.size() == (method == Missing::drop ? 1 : 2));
    for (const LabelRow& row : table) CHECK(std::isnan(row[2]));
  }
}

TEST_CASE("knn agrees with scikit-learn on the golden, however many threads") {
  const FaceTable input = read_golden("knn_input.csv"), expected = read_golden("knn_expected.csv");
  REQUIRE(input.size() == 61);
  for (size_t threads : {1, 3}) {
    LabelTable table = input.labels;
    const auto filled = fill_from_neighbours(table, 5, threads);
    double worst = 0;
    for (size_t row = 0; row < table.size(); ++row)
      for (size_t c = 0; c < contest::kCoordinates; ++c)
        worst = std::max(worst, std::abs(table[row][c] - expected.labels[row][c]));
    CHECK(worst < 1e-10);
    CHECK(filled[5] ==
          static_cast<size_t>(std::ranges::count_if(input.labels, [](auto& r) { return std::isnan(r[5]); })));
  }
}

TEST_CASE("knn with fewer neighbours than asked takes the mean of those there are") {
  LabelTable table = table_of({{10, 1}, {20, 2}, {60, 3}, {kGap, 4}});
  impute(table, Missing::knn);
  CHECK(table[3][0] == doctest::Approx(30));
}

TEST_CASE("knn passes over rows that share no coordinate, and falls back to the column's mean") {
  LabelTable table(4);
  for (LabelRow& row : table) row.assign(contest::kCoordinates, kGap);
  for (size_t c = 0; c < contest::kCoordinates; ++c) table[c < 15 ? 0 : 1][c] = static_cast<double>(c);
  table[2].assign(contest::kCoordinates, 50);
  table[3][0] = 40;  // shares its one value with rows 0 and 2
  impute(table, Missing::knn);
  CHECK(table[0][20] == doctest::Approx(50));  // row 1 has it, but no distance to row 0
  CHECK(table[3][20] == doctest::Approx(50));
  CHECK(table[3][2] == doctest::Approx((2 + 50) / 2.0));

  LabelTable apart(2);
  for (LabelRow& row : apart) row.assign(contest::kCoordinates, kGap);
  for (size_t c = 0; c < contest::kCoordinates; ++c) apart[c < 15 ? 0 : 1][c] = static_cast<double>(c);
  impute(apart, Missing::knn);
  CHECK(apart[0][20] == 20);
}

TEST_CASE("knn leaves what is there untouched, to the last bit") {
  const FaceTable input = read_golden("knn_input.csv");
  LabelTable table = input.labels;
  impute(table, Missing::knn);
  for (size_t row = 0; row < table.size(); ++row)
    for (size_t c = 0; c < contest::kCoordinates; ++c) {
      CHECK(!std::isnan(table[row][c]));
      if (!std::isnan(input.labels[row][c])) CHECK(table[row][c] == input.labels[row][c]);
    }
}

TEST_CASE("a table written is the table read: order of columns, gaps, every bit of a double") {
  TemporaryFolder folder;
  FaceTable table = read_golden("knn_input.csv");
  std::swap(table.header[3], table.header[20]);
  table.labels[0][4] = 1.0 / 3;
  table.header.push_back("Image");
  for (size_t i = 0; i < table.size() * contest::kValues; ++i) table.pixels.push_back(static_cast<uint8_t>(i * 31));
  write_face_table(folder / "out.csv", table);
  const FaceTable again = read_face_table(open_text(folder / "out.csv", "training"), Labels::given);
  CHECK(again.header == table.header);
  CHECK(again.pixels == table.pixels);
  bool equal = true;
  for (size_t row = 0; row < table.size(); ++row)
    for (size_t c = 0; c < contest::kCoordinates; ++c)
      equal = equal && (again.labels[row][c] == table.labels[row][c] ||
                        (std::isnan(again.labels[row][c]) && std::isnan(table.labels[row][c])));
  CHECK(equal);
}
