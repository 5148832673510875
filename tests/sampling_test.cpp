// How often rows come in an epoch.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "data/contest.h"
#include "train/loader.h"
#include "train/sampling.h"

namespace lineament {
namespace {

/// Faces whose rows have so many labelled points; each picture is a ramp of its own.
Faces faces_with(std::span<const int> labels) {
  Faces faces;
  faces.add_rows(labels.size());
  for (size_t row = 0; row < faces.size(); ++row) {
    faces.keypoints[row] = Keypoints(contest::kCoordinates, kMissing);
    std::fill_n(faces.keypoints[row].begin(), 2 * labels[row], 40.0f);
    for (size_t i = 0; i < faces.image(row).size(); ++i) faces.image(row)[i] = static_cast<uint8_t>(i % 96 + row);
  }
  return faces;
}

}  // namespace

TEST_CASE("by rows each comes once, by labels as often as it has labels") {
  const int labels[] = {15, 4, 0, 15, 4, 4, 15};
  const Faces faces = faces_with(labels);
  const double mean = 57.0 / 7;
  double first_row = 0;
  for (uint64_t key = 0; key < 300; ++key) {
    CAPTURE(key);
    std::vector<uint64_t> rows = epoch_order(faces, Sampling::rows, key), examples = epoch_order(faces, Sampling::labels, key);
    CHECK(examples == epoch_order(faces, Sampling::labels, key));
    CHECK(examples != epoch_order(faces, Sampling::labels, key + 1));
    std::ranges::sort(rows);
    CHECK(rows == std::vector<uint64_t>{0, 1, 2, 3, 4, 5, 6});
    REQUIRE(examples.size() == 7);
    CHECK(std::set(examples.begin(), examples.end()).size() == 7);  // no two are the same fresh face
    for (uint64_t row = 0; row < 7; ++row) {
      const auto times = std::ranges::count_if(examples, [&](uint64_t e) { return e % 7 == row; });
      CHECK(times >= std::floor(labels[row] / mean));
      CHECK(times <= std::ceil(labels[row] / mean));
      if (row == 0) first_row += static_cast<double>(times);
    }
  }
  CHECK(first_row / 300 == doctest::Approx(15 / mean).epsilon(0.05));
}

TEST_CASE("a row that comes twice in an epoch is two fresh faces") {
  const int labels[] = {15, 1, 1};
  const Faces faces = faces_with(labels);
  Loader loader(faces, 3, 7, AugmentOptions{}, nullptr, Sampling::labels);
  loader.start_epoch(0);
  const Batch batch = loader.batch(0);
  const std::vector<uint64_t> order =
      epoch_order(faces, Sampling::labels, stream_key(stream_key(7, fnv1a64("shuffle")), 0));
  std::vector<size_t> places;  // of the first row
  for (size_t k = 0; k < order.size(); ++k)
    if (order[k] % 3 == 0) places.push_back(k);
  REQUIRE(places.size() >= 2);
  const size_t values = faces.shape.values();
  CHECK_FALSE(std::ranges::equal(batch.images.subspan(places[0] * values, values), batch.images.subspan(places[1] * values, values)));
}

}  // namespace lineament
