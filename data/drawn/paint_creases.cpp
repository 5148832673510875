// Folds and wrinkles: grooves with a little dirt in them. Smiles deepen those beside the mouth, raised brows those above.
#include "base/dice.h"
#include "data/drawn/skin.h"

namespace lineament {
namespace {

void groove(Skin& skin, const Head& head, std::span<const Place> places, float half_width, float depth) {
  if (depth < 0.1f) return;
  const Curve curve = smooth_curve(places);
  skin.relief.ridge(curve, half_width, -0.7f * depth);
  skin.tone.stroke(curve, 0.25f * half_width, 0.5f * head.skin, std::min(0.6f, 0.3f * depth), 0.4f * half_width);
}

}  // namespace

void paint_creases(Skin& skin, const Head& head) {
  const FaceShape &s = head.shape, rest = mean_shape();
  const float wider = (s[54].x - s[48].x) - (rest[54].x - rest[48].x);
  const float smile = std::clamp(0.12f * wider, 0.0f, 1.0f);
  Dice dice(head.texture, 9);
  auto jitter = [&](Place at, float by) { return at + Place{dice.normal(0, by), dice.normal(0, by)}; };
  for (int side : {0, 1}) {
    const float out = side ? 1 : -1;
    const Place wing = s[side ? 35 : 31], corner = s[side ? 54 : 48], eye = s[side ? 45 : 36],
                inner = s[side ? 42 : 39];
    const Place fold[] = {wing + Place{out * 0.5f, -5}, wing + Place{out * 3.5f, -0.5f},
                          mix(wing, corner, 0.55f) + Place{out * 4.5f, -1}, corner + Place{out * 4.5f, 0.5f},
                          corner + Place{out * 3.5f, 5 + 4 * head.wrinkles}};
    groove(skin, head, fold, 3.2f, 1.5f * head.folds + 1.6f * smile);
    if (smile > 0.3f) {  // the cheek pushed up under the eye
      const Place pushed[] = {inner + Place{out * 3, 8}, mix(inner, eye, 0.6f) + Place{0, 7}, eye + Place{out * 3, 4}};
      groove(skin, head, pushed, 2.5f, smile * 0.6f);
    }
    if (head.wrinkles < 0.15f) continue;
    for (float fall : {-3.0f, 0.5f, 4.0f}) {  // crow's feet
      const Place foot[] = {eye + Place{out * 2.5f, 0.3f * fall}, jitter(eye + Place{out * 5.5f, 0.7f * fall}, 0.4f),
                            jitter(eye + Place{out * 9, fall}, 0.8f)};
      groove(skin, head, foot, 1.1f, 0.8f * head.wrinkles);
    }
    const Place brow = s[side ? 22 : 21];
    const Place frown[] = {brow + Place{-out * 3, -2}, brow + Place{-out * 3.2f, 3}, brow + Place{-out * 2.4f, 7}};
    groove(skin, head, frown, 1.6f, head.wrinkles * dice.uniform());
    const Place jowl[] = {corner + Place{out * 3, 5}, corner + Place{out * 5, 10}, corner + Place{out * 5, 15}};
    groove(skin, head, jowl, 2.4f, head.wrinkles * dice.uniform());
  }
  if (head.wrinkles < 0.15f) return;
  const float brow = 0.5f * (s[19].y + s[24].y);
  for (int line = 0; line < 4; ++line) {
    const float y = brow - 6 - 5 * float(line), wide = dice.between(10, 24);
    const Place forehead[] = {jitter({-wide, y + 2}, 1), jitter({-0.4f * wide, y}, 0.7f),
                              jitter({0.4f * wide, y}, 0.7f), jitter({wide, y + 2}, 1)};
    groove(skin, head, forehead, 1.5f, 0.9f * head.wrinkles * dice.uniform());
  }
}

}  // namespace lineament
