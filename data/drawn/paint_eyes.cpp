// Eyes, from the ball outwards, and the brows above them.
#include <cmath>

#include "base/dice.h"
#include "data/drawn/skin.h"

namespace lineament {
namespace {

/// The points of an eye from its right corner over the upper lid to its left corner, and back along the lower.
struct Lids {
  Curve upper, lower, outline;
};

Lids lids_of(const FaceShape& s, int which) {
  const int first = which == 0 ? 36 : 42;
  const Place round[] = {s[first], s[first + 1], s[first + 2], s[first + 3], s[first + 4], s[first + 5], s[first]};
  Lids lids = {smooth_curve(std::span(round).first(4)), smooth_curve(std::span(round).last(4)), {}};
  lids.outline = lids.upper;
  lids.outline.insert(lids.outline.end(), lids.lower.begin() + 1, lids.lower.end() - 1);
  return lids;
}

void paint_ball(Skin& skin, const Head& head, const Lids& lids, int which) {
  const Place right = head.shape[which == 0 ? 36 : 42], left = head.shape[which == 0 ? 39 : 45];
  const Place middle = mix(mix(right, left, 0.5f), eye_centre(head.shape, which), 0.7f);
  const Place iris = middle + Place{head.gaze_x, head.gaze_y - 0.2f};
  const float half = 0.5f * length(left - right), white = 0.35f + 0.45f * head.skin;
  skin.tone.within(lids.outline, 0.5f, [&](float& tone, Place at, float depth) {
    const float s = (at.x - middle.x) / half, under_lid = nearest_on(lids.upper, at).distance;
    float ball = white * (1 - 0.35f * s * s) * (1 - 0.5f * covered(1.6f - under_lid, 1.5f));
    const float away = length(at - iris);
    const float edge = 1 - 0.35f * covered(0.7f - std::abs(away - head.iris_size), 0.7f);
    ball = mix(ball, head.iris * edge, covered(head.iris_size - away, 0.6f));
    ball = mix(ball, 0.02f, covered(head.pupil - away, 0.5f));
    ball = mix(ball, 1.2f, head.catchlight * covered(0.65f - length(at - iris - Place{-1, -1.1f}), 0.6f));
    tone = mix(tone, ball, covered(depth, 0.45f));
  });
}

}  // namespace

void paint_eye(Skin& skin, const Head& head, int which) {
  const Lids lids = lids_of(head.shape, which);
  const float lashes = head.skin * 0.25f;
  paint_ball(skin, head, lids, which);
  skin.relief.ridge(moved(lids.upper, {0, -1.1f}), 1.6f, 0.5f);
  skin.relief.ridge(moved(lids.lower, {0, 1.4f}), 1.8f, 0.5f);
  skin.relief.ridge(moved(lids.lower, {0, 4.5f}), 2.4f, -1.3f * head.bags);
  skin.tone.stroke(moved(lids.lower, {0, 4.2f}), 0.6f, 0.6f * head.skin, 0.5f * head.bags, 1.2f);
  if (head.lid_crease > 1) {
    const Curve crease = moved(lids.upper, {0, -head.lid_crease});
    skin.relief.ridge(crease, 1.4f, -0.8f);
    skin.tone.stroke(crease, 0.45f, 0.35f * head.skin, 0.7f, 0.9f);
  }
  // Lashes shade more than the lid's edge: a wide soft stroke, a narrow dark one in it, and the corners as well.
  const Place outwards = {which == 0 ? -1.0f : 1.0f, 0.2f};
  const Place corner = head.shape[which == 0 ? 36 : 45];
  skin.tone.bump(corner + 0.6f * outwards, 3.2f, 2, -0.35f * head.skin);
  skin.tone.stroke(moved(lids.upper, {0, -0.8f}), 0.9f + 0.5f * head.liner, lashes, 0.35f + 0.25f * head.liner, 1.2f);
  skin.tone.stroke(moved(lids.upper, {0, -0.2f}), 0.5f + 0.5f * head.liner, lashes, 0.6f + 0.4f * head.liner, 0.6f);
  skin.tone.stroke(moved(lids.lower, {0, 0.8f}), 0.6f + 0.4f * head.liner, 0.5f * head.skin, 0.35f + 0.3f * head.liner,
                   1.2f);
}

void paint_brow(Skin& skin, const Head& head, int which) {
  const FaceShape& s = head.shape;  // both from the inner end outwards
  const Curve line = which == 0 ? smooth_curve({{s[21], s[20], s[19], s[18], s[17]}})
                                : smooth_curve({{s[22], s[23], s[24], s[25], s[26]}});
  const float half = 0.5f * head.brow_thickness;
  skin.relief.ridge(line, half + 2.5f, 0.5f);
  skin.tone.beside(moved(line, {0, 1.9f + 0.3f * half}), half + 1.5f, [&](float& tone, Place at, Nearest near) {
    // Thin hairs first: labels begin before what one sees. Then thick, a point at last.
    const float thin = (1.15f - 0.75f * near.along * near.along) * smooth_step(-0.03f, 0.12f, near.along);
    const float slant = which ? -0.6f : 0.6f;
    const float hairs = smooth_noise(1.3f * at.x + slant * at.y, 0.6f * at.y, head.texture ^ 17);
    const float begins = smooth_step(-0.02f, 0.1f, near.along);
    const float cover = covered(half * thin - near.distance, 0.9f) * begins * (0.65f + 0.5f * hairs);
    tone = mix(tone, head.brow_tone, std::min(1.0f, head.brow_cover * cover));
  });
}

}  // namespace lineament
