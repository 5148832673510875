#include "data/drawn/shape.h"

#include <algorithm>
#include <span>

#include "data/drawn/shape_table.h"
#include "data/keypoint_set.h"

namespace lineament {
namespace {

constexpr float kUnit = 0.01f;  // of the table, in px

/// Adds `times` a half and its mirror image; with `sign` -1 the other half moves the opposite way.
void add(FaceShape& shape, std::span<const short, 78> half, float times, float sign) {
  const std::vector<int>& mirror = ibug68().mirror;
  for (int k = 0, next = 0; k < 68; ++k) {
    if (k > mirror[k]) continue;
    const Place move = {times * kUnit * half[next], times * kUnit * half[next + 1]};
    next += 2;
    shape[k] = shape[k] + move;
    if (mirror[k] != k) shape[mirror[k]] = shape[mirror[k]] + Place{-sign * move.x, sign * move.y};
  }
}

/// What lies below `share` of the throws: linear between the quantiles.
float throw_of(const float (&quantiles)[kQuantiles], float share) {
  const float at = share * (kQuantiles - 1);
  const int before = std::min(static_cast<int>(at), kQuantiles - 2);
  return mix(quantiles[before], quantiles[before + 1], at - static_cast<float>(before));
}

/// Sums of modes may cross what cannot cross: lips, lids, brows and eyes, the order of the jaw.
void keep_apart(FaceShape& shape) {
  auto below = [&](int lower, int upper, float by) { shape[lower].y = std::max(shape[lower].y, shape[upper].y + by); };
  for (auto [lower, upper] : {std::pair{67, 61}, {66, 62}, {65, 63}, {41, 37}, {40, 38}, {46, 44}, {47, 43}})
    below(lower, upper, 0.3f);
  for (auto [lower, upper] : {std::pair{61, 50}, {62, 51}, {63, 52}, {58, 67}, {57, 66}, {56, 65}})
    below(lower, upper, 1);
  constexpr std::pair<int, int> kBrowsOverLids[] = {{17, 36}, {18, 37}, {19, 37}, {20, 38}, {21, 39},
                                                    {22, 42}, {23, 43}, {24, 44}, {25, 44}, {26, 45}};
  for (auto [brow, lid] : kBrowsOverLids) shape[brow].y = std::min(shape[brow].y, shape[lid].y - 3);
  for (int k = 1; k <= 8; ++k) below(k, k - 1, 0.5f), below(16 - k, 17 - k, 0.5f);
}

}  // namespace

FaceShape mean_shape() {
  FaceShape shape{};
  add(shape, kMeanShape, 1, 1);
  return shape;
}

FaceShape throw_shape(Dice& dice, float variety) {
  FaceShape shape = mean_shape();
  for (int m = 0; m < kEvenCount; ++m) add(shape, kEvenModes[m], variety * throw_of(kEvenThrows[m], dice.uniform()), 1);
  for (const HalfShape& mode : kOddModes) add(shape, mode, variety * dice.normal(), -1);
  keep_apart(shape);
  return shape;
}

void close_eye(FaceShape& shape, int which, float share) {
  const int first = which == 0 ? 36 : 42;
  for (auto [upper, lower] : {std::pair{first + 1, first + 5}, {first + 2, first + 4}}) {
    const float opening = shape[lower].y - shape[upper].y;
    shape[upper].y += 0.85f * share * opening;
    shape[lower].y -= 0.1f * share * opening;
  }
}

void close_mouth(FaceShape& shape, float share) {
  const float by = share * (shape[66].y - shape[62].y - 0.4f);
  if (by <= 0) return;
  for (int k : {55, 56, 57, 58, 59, 65, 66, 67, 6, 7, 8, 9, 10}) shape[k].y -= by;
  for (int k : {4, 5, 11, 12}) shape[k].y -= 0.5f * by;
  keep_apart(shape);
}

Place eye_centre(const FaceShape& shape, int which) {
  Place sum;
  for (int k = 0; k < 6; ++k) sum = sum + shape[(which == 0 ? 36 : 42) + k];
  return 1.0f / 6 * sum;
}

}  // namespace lineament
