// Keypoint sets: what is found by the names of points, what a file says, and what is refused.
#include "data/keypoint_set.h"

#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "base/check.h"
#include "tests/support.h"

using namespace lineament;
using namespace lineament::test;

namespace {

std::string complaint(const std::string& json) {
  try {
    parse_keypoint_set(json, "mine.toml");
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("the built-in sets have every point once, mutual mirrors and points that lie on the middle") {
  CHECK(contest15().size() == 15);
  CHECK(contest15().coordinate_name(20) == "nose_tip_x");
  CHECK(contest15().mirror[0] == 1);
  CHECK(contest15().mirror[10] == 10);
  CHECK(ibug68().size() == 68);
  CHECK(ibug68().mirror[0] == 16);
  CHECK(ibug68().mirror[36] == 45);
  CHECK(ibug68().mirror[39] == 42);
  CHECK(ibug68().mirror[48] == 54);
  CHECK(ibug68().mirror[60] == 64);
  CHECK(ibug68().scale == std::array<std::vector<int>, 2>{{{45}, {36}}});
  for (const KeypointSet* set : built_in_sets()) {
    CAPTURE(set->name);
    CHECK(std::set<std::string>(set->points.begin(), set->points.end()).size() == set->points.size());
    for (int k = 0; k < set->size(); ++k) CHECK(set->mirror[set->mirror[k]] == k);
    CHECK(!set->scale[0].empty());
    CHECK(find_keypoint_set(set->name) == *set);
  }
  std::vector<int> middle;
  for (int k = 0; k < 68; ++k)
    if (ibug68().mirror[k] == k) middle.push_back(k);
  CHECK(middle == std::vector<int>{8, 27, 28, 29, 30, 33, 51, 57, 62, 66});
}

TEST_CASE("the contest's 15 points are had from 300-W's 68, and not the other way round") {
  const PointMeans means = means_between(ibug68(), contest15());
  // From 1, as papers count: eyes' centres are means of six, the others one point each.
  const std::vector<std::vector<int>> expected = {{43, 44, 45, 46, 47, 48}, {37, 38, 39, 40, 41, 42}, {43}, {46}, {40}, {37},
                                                  {23}, {27}, {22}, {18}, {31}, {55}, {49}, {52}, {58}};
  REQUIRE(means.size() == expected.size());
  for (size_t k = 0; k < means.size(); ++k) {
    std::vector<int> from_one = means[k];
    for (int& point : from_one) ++point;
    CAPTURE(contest15().points[k]);
    CHECK(from_one == expected[k]);
  }
  Keypoints points(136);
  for (size_t c = 0; c < points.size(); ++c) points[c] = static_cast<float>(c);
  CHECK(means_of(means, points)[0] == doctest::Approx((84 + 86 + 88 + 90 + 92 + 94) / 6.0));
  points[2 * 45] = kMissing;
  CHECK(std::isnan(means_of(means, points)[0]));
  CHECK_THROWS_WITH_AS(means_between(contest15(), ibug68()),
                       "keypoint set contest15 (15 points) cannot answer ibug68 (68 points): it has no jaw_right_1, and "
                       "derives none",
                       InputError);
}

TEST_CASE("of a list of names, sides make pairs, and a point without its partner has no mirror image") {
  const KeypointSet set = keypoint_set_of("mine", {"left_eye", "nose", "right_eye", "left_ear", "left_right"}, "mine");
  CHECK(set.mirror == std::vector<int>{2, 1, 0, -1, -1});
  CHECK(set.scale == std::array<std::vector<int>, 2>{{{0}, {2}}});
  CHECK(keypoint_set_of("plain", {"a", "b"}, "").scale[0].empty());
}

TEST_CASE("a set is what its JSON says, there and back, and a part of one keeps what it can") {
  for (const KeypointSet* set : built_in_sets()) CHECK(parse_keypoint_set(to_json(*set), "back") == *set);
  const std::vector<int> chosen = {3, 0, 10};
  const KeypointSet part = subset_of(contest15(), chosen);
  CHECK(part.points == std::vector<std::string>{"left_eye_outer_corner", "left_eye_center", "nose_tip"});
  CHECK(part.mirror == std::vector<int>{-1, -1, 2});
  CHECK(part.scale[0].empty());
  CHECK(part.lines == std::vector<std::array<int, 2>>{{1, 0}});
  CHECK(parse_keypoint_set(to_json(part), "back") == part);
  KeypointSet means = contest15();
  means.scale = {{{0, 2}, {1, 4}}};
  CHECK(parse_keypoint_set(to_json(means), "back") == means);
}

TEST_CASE("a user's set is read from TOML") {
  const TemporaryFolder folder;
  write_text(folder / "five.toml",
             "name = 'five'\npoints = ['eye_a', 'eye_b', 'nose', 'm_a', 'm_b']\nmirror = [['eye_a', 'eye_b'], ['m_a', 'm_b']]\n"
             "scale = [['eye_a'], ['eye_b']]\nlines = [['m_a', 'm_b']]\n[derived]\neyes = ['eye_a', 'eye_b']\n");
  const KeypointSet set = find_keypoint_set(folder / "five.toml");
  CHECK(set.name == "five");
  CHECK(set.mirror == std::vector<int>{1, 0, 2, 4, 3});
  CHECK(set.derived == std::vector<DerivedPoint>{{"eyes", {0, 1}}});
  write_text(folder / "broken.toml", "points = [\n");
  CHECK_THROWS_AS(find_keypoint_set(folder / "broken.toml"), InputError);
  CHECK_THROWS_AS(find_keypoint_set(folder / "none.toml"), InputError);
  CHECK_THROWS_WITH_AS(find_keypoint_set("ibug"), "keypoint set ibug: expected a file.toml or one of contest15, ibug68",
                       InputError);
}

TEST_CASE("what is no set is refused in a line that says why") {
  CHECK(complaint("[]") == "mine.toml: is no keypoint set, expected a table with \"points\"");
  CHECK(complaint("{}") == "mine.toml: no \"points\", expected a list of their names");
  CHECK(complaint("{\"points\": []}") == "mine.toml: no keypoints, expected 1 to 512");
  CHECK(complaint("{\"points\": [\"a\", \"a\"]}") == "mine.toml: keypoint a comes twice");
  CHECK(complaint("{\"points\": [\"a\", 1]}") == "mine.toml: \"points\" has 1, expected the name of a point");
  CHECK(complaint("{\"points\": [\"\"]}") == "mine.toml: keypoint 1 has no name");
  CHECK(complaint("{\"points\": [\"a\"], \"mirrors\": []}") ==
        "mine.toml: unknown key \"mirrors\", expected one of name, points, mirror, scale, lines, derived");
  CHECK(complaint("{\"points\": [\"a\", \"b\", \"c\"], \"mirror\": [[\"a\", \"b\"], [\"b\", \"c\"]]}") ==
        "mine.toml: mirrored pairs are not mutual: b is the mirror image of a and of c");
  CHECK(complaint("{\"points\": [\"a\"], \"mirror\": [[\"a\", \"d\"]]}") ==
        "mine.toml: \"mirror\" names d, which is none of the 1 points");
  CHECK(complaint("{\"points\": [\"a\"], \"scale\": [[\"a\"]]}") ==
        "mine.toml: \"scale\" has 1 groups of points, expected two");
  CHECK(complaint("{\"points\": [\"a\"], \"derived\": {\"a\": [\"a\"]}}") ==
        "mine.toml: \"derived\" names a, which is one of the points");
  CHECK(complaint(std::string(100'000, '[')).starts_with("mine.toml: nested deeper than 64"));
  CHECK(complaint("{\"points\"").starts_with("mine.toml: is no JSON"));
}
