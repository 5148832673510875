// Which rows measure: the first complete ones, labelled ones where those are few, every so-manieth, or a share.
#include "data/split.h"

#include <doctest/doctest.h>

#include "base/check.h"

using namespace lineament;

namespace {

/// Rows 1, 2 ... of which the first `complete` have both points, the next `labelled` one of them, the others none.
Faces faces_of(size_t complete, size_t labelled, size_t unlabelled) {
  Faces faces{.set = keypoint_set_of("two", {"left_eye", "right_eye"}, "test")};
  for (size_t i = 0; i < complete + labelled + unlabelled; ++i) {
    faces.keypoints.push_back({1, 2, 3, 4});
    if (i >= complete) faces.keypoints.back()[2] = faces.keypoints.back()[3] = kMissing;
    if (i >= complete + labelled) faces.keypoints.back()[0] = faces.keypoints.back()[1] = kMissing;
    faces.ids.push_back(static_cast<int>(i) + 1);
  }
  return faces;
}

}  // namespace

TEST_CASE("where too few rows are complete, the first with any label measure") {
  CHECK(split_faces(faces_of(6, 5, 2), {.rows = 3}).dev.ids == std::vector<int>{1, 2, 3});
  CHECK(split_faces(faces_of(2, 7, 2), {.rows = 3}).dev.ids == std::vector<int>{1, 2, 3});
  Faces gaps = faces_of(0, 7, 2);
  std::swap(gaps.keypoints[0], gaps.keypoints[8]);
  CHECK(split_faces(gaps, {.rows = 3}).dev.ids == std::vector<int>{2, 3, 4});
  CHECK_THROWS_AS(split_faces(faces_of(2, 2, 9), {.rows = 3}), InputError);
}

TEST_CASE("every so-manieth row, in the order of the names that match") {
  Faces faces = faces_of(7, 0, 0);
  faces.names = {"helen_9", "afw_1", "helen_10", "helen_2", "afw_0", "helen_3", "helen_1"};
  // helen_1, helen_10, helen_2, helen_3, helen_9: the first and the fourth
  CHECK(split_faces(faces, {.every = 3, .names = "helen_*"}).dev.names == std::vector<std::string>{"helen_3", "helen_1"});
  CHECK(split_faces(faces, {.every = 3}).dev.size() == 3);
  CHECK_THROWS_WITH_AS(split_faces(faces, {.every = 3, .names = "lfw*"}), "--dev-names lfw*: no photograph has such a name",
                       InputError);
  faces.names.clear();
  CHECK(split_faces(faces, {.every = 3}).dev.ids == std::vector<int>{1, 4, 7});
}

TEST_CASE("a share of all rows, spread evenly; never all of them") {
  CHECK(split_faces(faces_of(1, 1, 9), {.share = 0.25}).dev.ids == std::vector<int>{1, 5, 9});
  CHECK_THROWS_AS(split_faces(faces_of(1, 0, 0), {.every = 2}), InputError);
}

TEST_CASE("points that no row has leave the set, with their names; pairs that lost a partner are pairs no more") {
  Faces faces = faces_of(0, 4, 1);
  CHECK(leave_out_unlabelled(faces) == std::vector<std::string>{"right_eye"});
  CHECK(faces.set.points == std::vector<std::string>{"left_eye"});
  CHECK(faces.set.mirror == std::vector<int>{-1});
  CHECK(faces.keypoints[0] == Keypoints{1, 2});
  CHECK(leave_out_unlabelled(faces).empty());
  Faces none = faces_of(0, 0, 3);
  CHECK_THROWS_WITH_AS(leave_out_unlabelled(none), "3 rows and not one keypoint labelled in any: there is nothing to learn",
                       InputError);
}
