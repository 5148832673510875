// Draws each row, and throws the dice for which of its points the row tells.
#include "data/drawn/synthetic.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <numeric>
#include <thread>
#include <vector>

#include "base/check.h"
#include "base/cpus.h"
#include "base/dice.h"
#include "base/memory.h"
#include "data/drawn/portrait.h"
#include "data/drawn/throw_sitting.h"

namespace lineament {
namespace {

/// Whether every coordinate is at least `margin` px inside the picture.
bool all_within(const Keypoints& points, float margin) {
  return std::ranges::all_of(points, [=](float v) { return v >= margin && v <= contest::kSide - 1 - margin; });
}

struct Portrait {
  std::array<uint8_t, contest::kPixels> pixels;
  Keypoints points;
};

Portrait throw_portrait(uint64_t seed, uint64_t row, Framing framing) {
  Dice dice(seed, row);
  Sitting sitting = throw_sitting(dice, framing);
  Pose& pose = sitting.pose;
  auto seen = [&] {
    SeenPoints points = points_in_picture(sitting.head, pose, framing);
    return framing == Framing::contest ? points.contest15 : points.ibug68;
  };
  Keypoints points = seen();
  while (!all_within(points, 2)) {  // step back until every point is in the picture
    pose.size *= 0.97f;
    pose.shift_x *= 0.8f, pose.shift_y *= 0.8f;
    points = seen();
  }
  return {draw_portrait(sitting), std::move(points)};
}

/// The contest comes from two sources: 67.5 % of its rows have four points only; of the others each point is
/// missing now and then, the outer ends of the brows (hidden by hair) most often.
/// Rates counted in its 7,049 rows.
constexpr float kFourPointShare = 0.675f;
constexpr bool kInFour[contest::kPoints] = {true,  true,  false, false, false, false, false, false,
                                            false, false, true,  false, false, false, true};
constexpr float kGapRate[contest::kPoints] = {0.002f, 0.003f, 0.002f, 0.004f, 0.004f, 0.004f, 0.004f, 0.022f,
                                              0.004f, 0.018f, 0,      0.004f, 0.004f, 0.002f, 0.008f};

void hide_points(Keypoints& points, uint64_t seed, uint64_t row) {
  Dice dice(~seed, row);
  bool four_only = dice.chance(kFourPointShare);
  for (int k = 0; k < contest::kPoints; ++k) {
    bool gap = dice.chance(kGapRate[k]);
    if (four_only) gap = !kInFour[k];
    if (gap) points[2 * k] = points[2 * k + 1] = kMissing;
  }
}

}  // namespace

Faces synthetic_faces_complete(size_t count, uint64_t seed, const KeypointSet& set) {
  const bool contest = set == contest15();
  if (!contest && set != ibug68())
    fail_input("drawn faces have the points of {} or of {}, not those of {}", contest15().name, ibug68().name,
               set.name);
  Faces faces;
  faces.set = set;
  faces.shape = contest::kShape;
  const double bytes_each = static_cast<double>(faces.shape.values()) + 8.0 * set.size() + 80;  // and its points
  require_memory(count, 2 * bytes_each, fmt::format("--rows {}", count),
                 "so many drawn faces, and the parts they are split into,");
  faces.add_rows(count);
  std::iota(faces.ids.begin(), faces.ids.end(), 1);
  std::atomic<size_t> next = 0;
  auto work = [&] {
    for (size_t row; (row = next++) < count;) {
      Portrait portrait = throw_portrait(seed, row, contest ? Framing::contest : Framing::box);
      std::copy(portrait.pixels.begin(), portrait.pixels.end(), faces.image(row).begin());
      faces.keypoints[row] = std::move(portrait.points);
    }
  };
  std::vector<std::jthread> workers;
  const size_t cpus = static_cast<size_t>(available_cpus().count);
  for (size_t i = 1; i < cpus && 16 * i < count; ++i) workers.emplace_back(work);
  work();
  workers.clear();  // joins them
  return faces;
}

Faces synthetic_faces(size_t count, uint64_t seed, const KeypointSet& set) {
  Faces faces = synthetic_faces_complete(count, seed, set);
  if (set == contest15())
    for (size_t row = 0; row < count; ++row) hide_points(faces.keypoints[row], seed, row);
  return faces;
}

}  // namespace lineament
