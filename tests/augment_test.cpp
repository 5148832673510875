// Augmentation: a drawn pattern is found again where its keypoints went, and draws depend on (seed, epoch, row) alone.
#include "data/contest.h"
#include "data/augment/augment.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "data/augment/filters.h"
#include "data/augment/study_set.h"
#include "data/augment/warp.h"
#include "train/loader.h"

using namespace lineament;

namespace {

/// Fifteen places apart from each other, none on a whole pixel.
Keypoints spread_points() {
  Keypoints points(contest::kCoordinates);
  for (int k = 0; k < contest::kPoints; ++k) {
    points[2 * k] = 24.3f + 12.1f * static_cast<float>(k % 5);
    points[2 * k + 1] = 28.6f + 19.7f * static_cast<float>(k / 5);
  }
  return points;
}

/// Grey, with a smooth bright dot at each point.
std::vector<float> pattern(const Keypoints& points) {
  std::vector<float> picture(contest::kValues, 0.1f);
  for (int y = 0; y < contest::kSide; ++y)
    for (int x = 0; x < contest::kSide; ++x)
      for (int k = 0; k < contest::kPoints; ++k) {
        const float dx = static_cast<float>(x) - points[2 * k],
                    dy = static_cast<float>(y) - points[2 * k + 1];
        picture[y * contest::kSide + x] += 0.6f * std::exp(-(dx * dx + dy * dy) / (2 * 1.5f * 1.5f));
      }
  return picture;
}

/// How far the brightness round each point that is there has its centre from the point.
std::vector<float> misses(std::span<const float> picture, const Keypoints& points) {
  constexpr int kRadius = 5;
  std::vector<float> found;
  for (int k = 0; k < contest::kPoints; ++k) {
    if (std::isnan(points[2 * k])) continue;
    const int cx = static_cast<int>(std::lround(points[2 * k])),
              cy = static_cast<int>(std::lround(points[2 * k + 1]));
    if (cx < kRadius || cy < kRadius || cx + kRadius >= contest::kSide || cy + kRadius >= contest::kSide) continue;
    float floor = 1, peak = 0;
    for (int y = -kRadius; y <= kRadius; ++y)
      for (int x = -kRadius; x <= kRadius; ++x) {
        const float v = picture[(cy + y) * contest::kSide + cx + x];
        floor = std::min(floor, v), peak = std::max(peak, v);
      }
    const float background = floor + 0.3f * (peak - floor);  // noise there has no say
    double sum = 0, sum_x = 0, sum_y = 0;
    for (int y = -kRadius; y <= kRadius; ++y)
      for (int x = -kRadius; x <= kRadius; ++x) {
        const double fx = cx + x - points[2 * k], fy = cy + y - points[2 * k + 1];
        if (fx * fx + fy * fy > 4.5 * 4.5)
          continue;  // a disc about the point, so that its edge pulls nowhere
        const double v = std::max(0.0f, picture[(cy + y) * contest::kSide + cx + x] - background);
        sum += v, sum_x += v * fx, sum_y += v * fy;
      }
    found.push_back(static_cast<float>(std::hypot(sum_x, sum_y) / sum));
  }
  REQUIRE(!found.empty());
  return found;
}

float largest_miss(std::span<const float> picture, const Keypoints& points) {
  return std::ranges::max(misses(picture, points));
}

/// Where noise was added it moves single centres by a little more than 0.1 px.
float mean_miss(std::span<const float> picture, const Keypoints& points) {
  const std::vector<float> all = misses(picture, points);
  return std::accumulate(all.begin(), all.end(), 0.0f) / static_cast<float>(all.size());
}

Faces drawn_faces(size_t count) {
  Faces faces;
  for (size_t row = 0; row < count; ++row) {
    Keypoints points = spread_points();
    for (float& v : points) v += 0.37f * static_cast<float>(row % 3);
    for (const float v : pattern(points)) faces.pixels.push_back(static_cast<uint8_t>(std::lround(255 * v)));
    if (row == 1) points[4] = points[5] = kMissing;
    faces.keypoints.push_back(points);
    faces.ids.push_back(static_cast<int>(row) + 1);
  }
  return faces;
}

std::vector<float> unit_picture(const Faces& faces, size_t row) {
  std::vector<float> picture(contest::kValues);
  std::ranges::transform(faces.image(row), picture.begin(), [](uint8_t pixel) { return to_unit(pixel); });
  return picture;
}

}  // namespace

TEST_CASE("a pattern lies where its points say before anything is done") {
  CHECK(largest_miss(pattern(spread_points()), spread_points()) < 0.05f);
}

TEST_CASE("every kind of the study's set carries its points along to 0.1 px") {
  const Faces faces = drawn_faces(3);
  for (int kind = 0; kind < kStudyKinds; ++kind) {
    CAPTURE(name_of(static_cast<StudyKind>(kind)));
    const Faces moved = study_faces(faces, static_cast<StudyKind>(kind), 7);
    REQUIRE(moved.size() == 3);
    const auto miss = kind == static_cast<int>(StudyKind::noisy) ? mean_miss : largest_miss;
    for (size_t row = 0; row < moved.size(); ++row)
      CHECK(miss(unit_picture(moved, row), moved.keypoints[row]) < 0.1f);
    CHECK(std::isnan(moved.keypoints[1][4]));
  }
}

TEST_CASE("each fresh draw carries its points along to 0.1 px, one kind at a time and all together") {
  const AugmentOptions none{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  std::vector<std::pair<const char*, AugmentOptions>> kinds = {{"none", none},
                                                               {"all", {.noise = 0, .erase = 0}}};
  const auto add = [&](const char* name, float AugmentOptions::*member, float value) {
    kinds.push_back({name, none});
    kinds.back().second.*member = value;
  };
  add("rotation", &AugmentOptions::rotation, 30);
  add("scale", &AugmentOptions::scale, 0.2f);
  add("shift", &AugmentOptions::shift, 9.5f);
  add("shear", &AugmentOptions::shear, 0.1f);
  add("flip", &AugmentOptions::flip, 1);
  add("brightness", &AugmentOptions::brightness, 0.1f);
  add("contrast", &AugmentOptions::contrast, 0.3f);
  add("gamma", &AugmentOptions::gamma, 0.3f);
  add("blur", &AugmentOptions::blur, 1);
  for (const auto& [name, options] : kinds) {
    CAPTURE(name);
    for (uint32_t row = 0; row < 8; ++row) {
      Keypoints points = spread_points();
      std::vector<float> picture = pattern(points);
      augment({picture}, points, contest15().mirror, options, augment_key(3, 1, row));
      CHECK(largest_miss(picture, points) < 0.1f);
    }
  }
}

TEST_CASE("a mirror image exchanges left and right names and leaves the middle its own") {
  Keypoints points(contest::kCoordinates);
  for (int c = 0; c < contest::kCoordinates; ++c) points[c] = static_cast<float>(c);
  points[6] = points[7] = kMissing;  // left eye's outer corner
  const Keypoints mirror = flipped(points, contest::kShape, contest15().mirror);
  CHECK(mirror[0] == 95 - points[2]);  // left eye from right eye
  CHECK(mirror[1] == points[3]);
  CHECK(mirror[20] == 95 - points[20]);  // nose tip
  CHECK(mirror[22] == 95 - points[24]);  // mouth's corners
  CHECK(std::isnan(mirror[10]));
  CHECK(std::isnan(mirror[11]));
  const Keypoints back = flipped(mirror, contest::kShape, contest15().mirror);
  for (int c = 0; c < contest::kCoordinates; ++c)
    if (c != 6 && c != 7) CHECK(back[c] == points[c]);
}

TEST_CASE("a keypoint that leaves the picture is missing, one that was missing stays so") {
  Keypoints points = spread_points();
  points[8] = points[9] = kMissing;
  points[0] = 0.5f;
  std::vector<float> picture(contest::kValues, 0.5f);
  AugmentOptions options{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  options.shift = 60;
  bool left_once = false;
  for (uint32_t row = 0; row < 8; ++row) {
    Keypoints moved = points;
    augment({picture}, moved, contest15().mirror, options, augment_key(1, 0, row));
    CHECK(std::isnan(moved[8]));
    for (int k = 0; k < contest::kPoints; ++k) {
      CHECK(std::isnan(moved[2 * k]) == std::isnan(moved[2 * k + 1]));
      left_once |= std::isnan(moved[2 * k]) && !std::isnan(points[2 * k]);
      if (!std::isnan(moved[2 * k])) CHECK(inside(contest::kShape, moved[2 * k], moved[2 * k + 1]));
    }
  }
  CHECK(left_once);
}

TEST_CASE("rows whose keypoints leave the picture are not in the study's shifted kinds") {
  Faces faces = drawn_faces(2);
  faces.keypoints[0][0] = 5;
  CHECK(study_faces(faces, StudyKind::shifted_up_left, 1).size() == 1);
  CHECK(study_faces(faces, StudyKind::shifted_up_right, 1).size() == 2);
  CHECK(study_set(faces, 1).size() == 2 * kStudyKinds - 2);
}

TEST_CASE("a loader draws the same faces in any order of batches, other ones in another epoch") {
  const Faces faces = drawn_faces(7);
  Loader loader(faces, 3, 11, AugmentOptions{}), again(faces, 3, 11, AugmentOptions{});
  loader.start_epoch(4);
  again.start_epoch(4);
  std::vector<std::vector<float>> forward;
  for (int b = 0; b < loader.batches(); ++b) {
    const Batch batch = loader.batch(b);
    forward.emplace_back(batch.images.begin(), batch.images.end());
  }
  CHECK(forward.back().size() == contest::kValues);
  for (int b = again.batches() - 1; b >= 0; --b) {
    const Batch batch = again.batch(b);
    CHECK(std::vector<float>(batch.images.begin(), batch.images.end()) == forward[b]);
  }
  again.start_epoch(5);
  const Batch other = again.batch(0);
  CHECK(std::vector<float>(other.images.begin(), other.images.end()) != forward[0]);
}

TEST_CASE("noise has the deviation that was asked for, and blur keeps the mean") {
  std::vector<float> picture(contest::kValues, 0.5f);
  add_noise(picture, 0.03f, 5);
  double sum = 0, squares = 0;
  for (const float v : picture) sum += v, squares += (v - 0.5) * (v - 0.5);
  CHECK(sum / contest::kValues == doctest::Approx(0.5).epsilon(0.004));
  CHECK(std::sqrt(squares / contest::kValues) == doctest::Approx(0.03).epsilon(0.03));
  std::vector<float> flat(contest::kValues, 0.25f);
  blur({flat}, kBlurSigma);
  for (const float v : flat) CHECK(v == doctest::Approx(0.25f).epsilon(1e-5));
}

TEST_CASE("draws out of range are refused by name") {
  CHECK_THROWS_WITH_AS(validate(AugmentOptions{.flip = 1.5f}), "augment.flip 1.5: expected 0 to 1",
                       InputError);
  CHECK_THROWS_AS(validate(AugmentOptions{.rotation = -1}), InputError);
}
