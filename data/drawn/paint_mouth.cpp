// Lips, and what lies between them: darkness, teeth, a tongue.
#include <cmath>

#include "base/dice.h"
#include "data/drawn/skin.h"

namespace lineament {
namespace {

void paint_inside(Skin& skin, const Head& head) {
  const FaceShape& s = head.shape;
  const Curve gap = smooth_curve(std::span(s).subspan(60, 8), true);
  const Curve upper = smooth_curve(std::span(s).subspan(60, 5));
  const Curve lower = smooth_curve({{s[64], s[65], s[66], s[67], s[60]}});
  const float opening = s[66].y - s[62].y, half = 0.5f * (s[64].x - s[60].x);
  const float row = head.teeth * std::min(6.5f, opening);  // how far the upper teeth come down
  const float below = opening > 6 && head.teeth > 0.6f ? 0.25f * (opening - 4) : 0;  // the lower ones come up
  skin.tone.within(gap, 0.5f, [&](float& tone, Place at, float depth) {
    const float s_x = (at.x - s[62].x) / half, from_upper = nearest_on(upper, at).distance;
    float inside = 0.07f + 0.2f * head.skin * smooth_step(s[66].y - 5, s[66].y, at.y) * (1 - s_x * s_x);
    const float tooth =
        (0.74f - 0.35f * s_x * s_x) * (1 - 0.2f * covered(0.3f - std::abs(at.x - 2.8f * std::round(at.x / 2.8f)), 0.4f));
    const float reach = row * std::sqrt(std::max(0.0f, 1 - 0.8f * s_x * s_x));
    inside = mix(inside, tooth, covered(reach - from_upper, 0.5f) * covered(0.9f - std::abs(s_x), 0.15f));
    if (below > 0) inside = mix(inside, 0.8f * tooth, covered(below - nearest_on(lower, at).distance, 0.5f));
    inside *= 1 - 0.3f * covered(0.7f - from_upper, 0.7f);
    tone = mix(tone, inside, covered(depth, 0.5f));
  });
}

}  // namespace

void paint_mouth(Skin& skin, const Head& head) {
  const FaceShape& s = head.shape;
  const Curve lips = smooth_curve(std::span(s).subspan(48, 12), true);
  const Place middle = mix(s[62], s[66], 0.5f);
  skin.tone.within(lips, 1, [&](float& tone, Place at, float depth) {
    const float wrinkles = smooth_noise(1.1f * at.x, 0.15f * at.y, head.texture ^ 23) - 0.5f;
    const float upper = at.y < middle.y ? 0.82f : 1.06f;  // the upper lip faces down
    tone = mix(tone, tone * head.lips * upper * (1 + 0.15f * wrinkles), covered(depth, 0.9f));
  });
  skin.relief.ridge(smooth_curve({{s[48], s[49], s[50], s[51], s[52], s[53], s[54]}}), 1, 0.3f);
  skin.relief.ridge(smooth_curve({{s[59], s[58], s[57], s[56], s[55]}}), 2, 0.5f);
  skin.relief.ridge(moved(smooth_curve({{s[59], s[58], s[57], s[56], s[55]}}), {0, 3.6f}), 3, -0.6f);
  skin.tone.stroke(moved(smooth_curve({{s[58], s[57], s[56]}}), {0, 1.6f}), 0.6f, 0.7f * head.skin, 0.25f, 1.2f);
  for (int corner : {48, 54}) skin.tone.bump(s[corner], 3, 2.5f, -0.2f * head.skin);
  const Curve meeting = smooth_curve({{s[60], mix(s[61], s[67], 0.5f), middle, mix(s[63], s[65], 0.5f), s[64]}});
  if (s[66].y - s[62].y > 0.9f)
    paint_inside(skin, head);
  else
    skin.tone.stroke(meeting, 0.45f, 0.18f * head.skin, 0.85f, 0.6f);
  skin.relief.ridge(meeting, 1.3f, -0.8f);
}

}  // namespace lineament
