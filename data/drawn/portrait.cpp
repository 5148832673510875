// Head to samples, samples to a picture with what stands before and behind it.
#include "data/drawn/portrait.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/dice.h"
#include "data/drawn/framing.h"
#include "data/drawn/skin.h"

namespace lineament {
namespace {

constexpr float kPi = float(std::numbers::pi);

void draw_head(Hits& hits, const Head& head, const Surface& surface, const Camera& camera) {
  constexpr int kRows = 52, kColumns = 54;
  Grid grid(kRows, kColumns);
  for (int r = 0; r < kRows; ++r) {
    const float t = 2 * float(r) / (kRows - 1) - 1;
    const Surface::Row row = surface.row(t * (1.25f - 0.25f * t * t));  // dense at crown and chin
    for (int c = 0; c < kColumns; ++c) {
      const float v = 2 * float(c) / (kColumns - 1) - 1, front = 1.35f * v;
      const float around = std::abs(front) < 1 ? std::sin(0.5f * kPi * front)  // dense at the outline
                                               : std::copysign(1 + (std::abs(front) - 1) / 0.35f, v);
      Place seen;
      Vec3 at = surface.point(row, around, &seen);
      const float lift = hair_lift(head, seen, around);
      const float height = std::clamp(-seen.y / head.crown, 0.0f, 1.0f), out = 1 + lift / 41;
      at = {at.x * out, at.y - lift * height * height, (at.z + 45) * out - 45};
      grid.set(r, c, at, seen, around);
    }
  }
  grid.draw(hits, camera, Stuff::kHead);
}

void draw_ear(Hits& hits, const Head& head, const Camera& camera, float side) {
  constexpr int kRows = 10, kColumns = 12;
  const Place top = head.shape[side < 0 ? 0 : 16], low = head.shape[side < 0 ? 2 : 14];
  Grid grid(kRows, kColumns);
  for (int r = 0; r < kRows; ++r) {
    const float polar = kPi * float(r) / (kRows - 1), ring = std::sin(polar), height = -std::cos(polar);
    const Place middle = mix(top, low, 0.5f + 0.5f * height) + Place{side * (2 - 1.5f * height), -4};
    for (int c = 0; c < kColumns; ++c) {
      const float turn = kPi * (1.4f * float(c) / (kColumns - 1) - 0.7f);
      grid.set(r, c, {middle.x + 4 * ring * std::sin(turn), middle.y, -51 + 6 * ring * std::cos(turn)}, middle, 2);
    }
  }
  grid.draw(hits, camera, Stuff::kEar);
}

/// Neck and shoulders: rings that widen.
void draw_neck(Hits& hits, const Head& head, const Camera& camera) {
  constexpr int kRows = 22, kColumns = 28;
  Grid grid(kRows, kColumns);
  const float half_jaw = 0.5f * (head.shape[12].x - head.shape[4].x), chin = head.shape[8].y;
  for (int r = 0; r < kRows; ++r) {
    const float y = chin - 25 + 5 * float(r), flare = smooth_step(chin + 10, chin + 42, y);
    const float half = 0.8f * half_jaw + 60 * flare, deep = 22 + 14 * flare;
    for (int c = 0; c < kColumns; ++c) {
      const float turn = kPi * (float(c) / (kColumns - 1) - 0.5f);
      const float x = half * std::sin(turn);
      grid.set(r, c, {head.shape[8].x + x, y + 0.1f * flare * std::abs(x), -48 + deep * std::cos(turn)}, {x, y}, 2);
    }
  }
  grid.draw(hits, camera, Stuff::kNeck);
}

/// The light that a sample throws back.
struct Shader {
  const Sitting& sitting;
  const Skin& skin;
  const Lighting& lighting;

  float collar_at(float x) const { return sitting.collar - 0.4f * std::max(0.0f, 20 - std::abs(x)); }

  float operator()(int x, int y, const Hit& hit) const {
    const Head& head = sitting.head;
    float tone = head.skin, hair = 0, shine;
    Vec3 normal = unit(hit.normal);
    if (hit.stuff == Stuff::kHead) {
      hair = covered(hair_depth(head, hit.seen, hit.around), 1.2f);
      if (std::abs(hit.around) <= 1 && hair < 1) {
        tone = skin.tone.at(hit.seen.x, hit.seen.y);
        normal = skin.bend(normal, hit.seen.x, hit.seen.y);
      }
      if (hair > 0) tone = mix(tone, hair_tone(head, hit.seen, hit.around), hair);
    } else if (hit.stuff == Stuff::kNeck && hit.seen.y > collar_at(hit.seen.x)) {
      tone = sitting.clothes * (0.8f + 0.4f * smooth_noise(0.2f * hit.seen.x, 0.3f * hit.seen.y, head.texture));
      hair = 1;  // as dull
    }
    const float light = lighting.at(x, y, normal, &shine);
    return tone * light + (hair > 0.5f ? 0.25f : 0.3f + 0.7f * head.skin) * shine;
  }
};

/// Samples (x, y) to (x + 1, y + 1). Of one surface, whose paint has soft edges, two tell enough.
void shade_pixel(Canvas& picture, const Hits& hits, const Shader& shade, int x, int y) {
  const Hit *above = hits.row(y) + x, *below = hits.row(y + 1) + x;
  const auto [far, near] = std::minmax({above[0].depth, above[1].depth, below[0].depth, below[1].depth});
  if (far > kNowhere && near - far < 4) {
    const float tone = 0.5f * (shade(x, y, above[0]) + shade(x + 1, y + 1, below[1]));
    for (int i : {0, 1})
      for (int j : {0, 1}) picture.texel(x + i, y + j) = tone;
    return;
  }
  for (int j : {0, 1})
    for (int i : {0, 1})
      if (const Hit& hit = (j ? below : above)[i]; hit.depth > kNowhere)
        picture.texel(x + i, y + j) = shade(x + i, y + j, hit);
}

}  // namespace

std::array<uint8_t, contest::kPixels> draw_portrait(const Sitting& sitting) {
  const Head& head = sitting.head;
  const Surface surface(head);
  const Camera camera = camera_for(surface, head, sitting.pose, sitting.framing);
  Hits hits;
  draw_head(hits, head, surface, camera);
  if (head.hair != Hair::kLong && head.hair != Hair::kScarf)
    for (float side : {-1.0f, +1.0f}) draw_ear(hits, head, camera, side);
  draw_neck(hits, head, camera);

  constexpr float kFirst = 0.5f / kOversampling - 0.5f;  // px at the first sample
  constexpr float kLast = kFirst + (kSamples - 0.5f) / kOversampling;
  Canvas picture(kFirst, kFirst, kLast, kLast, kOversampling, 0);
  draw_backdrop(picture, sitting.backdrop);
  draw_locks(picture, head, surface, sitting.locks, camera, sitting.light, true);
  const Skin skin = paint_skin(head);
  const Lighting lighting(hits, camera, sitting.light);
  const Shader shade = {sitting, skin, lighting};
  for (int y = 0; y < kSamples; y += 2)
    for (int x = 0; x < kSamples; x += 2) shade_pixel(picture, hits, shade, x, y);
  draw_glasses(picture, sitting.glasses, head, surface, camera);
  draw_locks(picture, head, surface, sitting.locks, camera, sitting.light, false);
  draw_hand(picture, sitting.hand, head, surface, camera, sitting.light);

  Plane plane;
  for (int y = 0; y < contest::kSide; ++y)
    for (int x = 0; x < contest::kSide; ++x)
      plane[y * contest::kSide + x] = 0.25f * (picture.texel(2 * x, 2 * y) + picture.texel(2 * x + 1, 2 * y) +
                                               picture.texel(2 * x, 2 * y + 1) + picture.texel(2 * x + 1, 2 * y + 1));
  return develop(plane, sitting.film);
}

}  // namespace lineament
