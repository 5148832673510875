#include "data/drawn/hair.h"

#include <algorithm>
#include <cmath>

#include "base/dice.h"

namespace lineament {
namespace {

/// One lock, in space, onto the picture: rows of a width that tapers, lighter where the light strikes it.
void draw_lock(Canvas& picture, const Camera& camera, std::span<const Vec3> path, float half_width, float tone) {
  Curve seen;
  for (Vec3 at : path) {
    const Vec3 px = camera.project(at);
    seen.push_back({px.x, px.y});
  }
  const Curve curve = smooth_curve(seen, false, 3);
  for (size_t i = 0; i + 1 < curve.size(); ++i) {
    const float along = float(i) / float(curve.size() - 1),
                half = half_width * camera.scale() * (1.05f - along * along);
    const float shine = 1 + 0.35f * std::max(0.0f, 1 - 6 * std::abs(along - 0.3f));
    const Curve piece = {curve[i], curve[i + 1]};
    picture.beside(piece, half + 0.4f, [&](float& texel, Place, Nearest near) {
      const float round = 1.1f - 0.35f * near.distance / half;
      texel = mix(texel, tone * shine * round, covered(half - near.distance, 0.4f));
    });
  }
}

}  // namespace

float hair_depth(const Head& head, Place seen, float around) {
  const float behind = 40 * (std::abs(around) - 1.12f);
  if (head.hair == Hair::kBald) return std::min(behind, 8 - seen.y);
  const float side = std::abs(seen.x);
  float front = head.hairline - seen.y;
  if (front < -40) {
    front = -40;
  } else {
    front += 0.026f * side * side * (head.hair == Hair::kCap ? 0.3f : 1.0f) + head.fringe_slope * seen.x;
    front -= head.temples * smooth_step(8, 26, side);
    if (head.hair != Hair::kCap) front += head.ragged * (smooth_noise(0.3f * seen.x, 0, head.texture) - 0.5f);
  }
  if (head.hair == Hair::kCap) return std::max(front, std::min(behind, -seen.y));
  if (head.hair == Hair::kScarf) {
    const float under_chin = 0.35f * (seen.y - head.shape[8].y + 3);
    return std::max({front, 40 * (std::abs(around) - 0.9f), under_chin});
  }
  const bool is_long = head.hair == Hair::kLong;
  float beside = 40 * (std::abs(around) - (is_long ? 0.93f : 0.97f));
  if (!is_long) beside = std::min(beside, 10 - seen.y);
  return std::max({front, beside, is_long ? behind : std::min(behind, 16 - seen.y)});
}

float hair_lift(const Head& head, Place seen, float around) {
  const float depth = hair_depth(head, seen, around);
  if (depth < -2) return 0;
  const float tufts = 0.7f + 0.6f * smooth_noise(0.25f * seen.x, 0.25f * seen.y, head.texture ^ 2);
  return head.hair_thickness * tufts * smooth_step(-2, 7, depth);
}

float hair_tone(const Head& head, Place seen, float around) {
  if (head.hair == Hair::kCap) {
    const float depth = hair_depth(head, seen, around), brim = covered(depth, 1) * covered(4.5f - depth, 1);
    return head.hair_tone * (1 - 0.5f * brim) *
           (0.9f + 0.2f * smooth_noise(0.9f * seen.x, 0.9f * seen.y, head.texture));
  }
  if (head.hair == Hair::kScarf) {
    const float folds = smooth_noise(0.12f * seen.x + 0.2f * seen.y, 0.1f * seen.y + 3 * around, head.texture);
    return head.hair_tone * (0.7f + 0.5f * folds);
  }
  const float across = seen.x - head.parting, slant = 0.25f * across;
  const float fine = smooth_noise(1.3f * across, 0.12f * seen.y + 0.1f * slant, head.texture);
  const float broad = smooth_noise(0.35f * across + 9 * around, 0.06f * seen.y, head.texture ^ 3);
  return head.hair_tone * (0.45f + 0.65f * fine + 0.6f * broad);
}

void draw_locks(Canvas& picture, const Head& head, const Surface& surface, const Locks& locks, const Camera& camera,
                const Light& light, bool before_head) {
  Dice dice(head.texture, before_head ? 21 : 22);
  const float turned = camera.turn({0, 0, 1}).x;  // positive where the head looks to the picture's right
  auto tone_on = [&](float side) {
    const float lit = light.ambient + 0.6f * light.lamp * std::max(0.1f, 0.6f + side * light.towards.x);
    return head.hair_tone * lit * dice.between(0.4f, 1.5f);
  };
  if (locks.length > 0) {
    for (float side : {-1.0f, 1.0f}) {
      const bool near = side * turned < 0.12f;  // this side faces the camera: its locks hang before the face
      const Place ear = head.shape[side < 0 ? 0 : 16];
      const int count = before_head ? 26 : near ? 20 : 6;
      for (int i = 0; i < count; ++i) {
        const float out = before_head ? dice.between(-8, 9) : dice.between(-locks.forward, 5);
        const float x = ear.x + side * out,
                    z = before_head ? dice.between(-85, -50) : -42 + 1.2f * std::max(0.0f, -out);
        const float wave = dice.normal(0, 3), fall = locks.length * dice.between(0.7f, 1.1f);
        const Vec3 path[] = {{0.55f * x, -0.75f * head.crown, z + 8},
                             {0.95f * x, -30, z},
                             {x + 0.5f * wave, ear.y + 5, z},
                             {x - wave, ear.y + 0.6f * fall, z},
                             {x + wave, ear.y + fall, z}};
        const float half_width = before_head ? dice.between(1.5f, 4) : dice.between(0.5f, 1.8f);
        draw_lock(picture, camera, path, half_width, tone_on(side));
      }
    }
  }
  if (before_head) return;
  const float from = head.parting + dice.normal(0, 6), towards = dice.normal(0, 14);
  for (int i = 0; i < locks.loose; ++i) {  // all much the same way
    const float x = from + dice.normal(0, 8), end = x + towards + dice.normal(0, 4);
    const float fall = locks.loose_fall * dice.between(0.5f, 1.1f);
    std::array<Vec3, 5> path;
    for (int k = 0; k < 5; ++k) {
      const float t = 0.25f * float(k);
      const Place on = {mix(x, end, t) + 0.6f * t * (1 - t) * towards, head.hairline - 6 + t * (fall + 6)};
      path[k] = surface.on_face(on) + Vec3{0, 0, 4 - t};
    }
    const float half_width = dice.between(0.25f, 0.8f);
    draw_lock(picture, camera, path, half_width, tone_on(x > 0 ? 1.0f : -1.0f));
  }
}

}  // namespace lineament
