#include "data/drawn/light.h"

#include <algorithm>
#include <cmath>

namespace lineament {
namespace {

/// Means over 2 * reach + 1 px along rows, then along columns.
void blur(std::vector<float>& plane, int reach) {
  std::vector<float> line(contest::kSide);
  for (int stride : {1, contest::kSide}) {
    for (int i = 0; i < contest::kSide; ++i) {
      float* from = &plane[size_t(i) * (stride == 1 ? contest::kSide : 1)];
      auto value = [&](int k) { return from[size_t(std::clamp(k, 0, contest::kSide - 1)) * stride]; };
      float sum = 0;
      for (int k = -reach; k <= reach; ++k) sum += value(k);
      for (int k = 0; k < contest::kSide; ++k) {
        line[k] = sum / float(2 * reach + 1);
        sum += value(k + reach + 1) - value(k - reach);
      }
      for (int k = 0; k < contest::kSide; ++k) from[size_t(k) * stride] = line[k];
    }
  }
}

}  // namespace

Lighting::Lighting(const Hits& hits, const Camera& camera, const Light& light)
    : light_(light),
      lamp_(camera.turn_back(light.towards)),
      rim_(camera.turn_back(light.rim)),
      above_(camera.turn_back({0, -1, 0})),
      half_(unit(camera.turn_back(light.towards + Vec3{0, 0, 1}))),
      shadow_(contest::kPixels),
      open_(contest::kPixels) {
  Plane depth(contest::kPixels);
  constexpr float kFar = -90;  // for the mean depth around a head's edge
  for (int y = 0; y < contest::kSide; ++y)
    for (int x = 0; x < contest::kSide; ++x) depth[y * contest::kSide + x] = std::max(kFar, hits.row(2 * y)[2 * x].depth);
  Plane around = depth;
  blur(around, 4), blur(around, 3);
  for (int y = 0; y < contest::kSide; ++y) {
    for (int x = 0; x < contest::kSide; ++x) {
      const int i = y * contest::kSide + x;
      if (depth[i] <= kFar) continue;
      open_[i] = 1 - std::min(0.6f, light.hollows * std::max(0.0f, around[i] - depth[i] + 1));
      float hidden = 0;  // towards the lamp, by how much does what stands there rise above the ray
      for (float t = 2.5f; t < 30; t *= 1.18f) {
        const int px = int(float(x) + light.towards.x * t + 0.5f), py = int(float(y) + light.towards.y * t + 0.5f);
        if (px < 0 || py < 0 || px >= contest::kSide || py >= contest::kSide) break;
        hidden = std::max(hidden, depth[py * contest::kSide + px] - depth[i] - light.towards.z * t - 1);
      }
      shadow_[i] = std::min(1.0f, 0.5f * hidden);
    }
  }
  blur(shadow_, 1);
}

float Lighting::at(int sample_x, int sample_y, Vec3 normal, float* shine) const {
  const int i = sample_y / kOversampling * contest::kSide + sample_x / kOversampling;
  const float lit = std::max(0.0f, (dot(normal, lamp_) + light_.soft) / (1 + light_.soft));
  const float clear = 1 - light_.shadow * shadow_[i];
  float gloss = std::max(0.0f, dot(normal, half_));
  for (int k = 0; k < 4; ++k) gloss *= gloss;
  *shine = light_.gloss * gloss * clear;
  const float around = light_.ambient * open_[i] * (0.93f + 0.07f * dot(normal, above_));
  return around + light_.lamp * lit * clear * (0.4f + 0.6f * open_[i]) + std::max(0.0f, dot(normal, rim_));
}

}  // namespace lineament
