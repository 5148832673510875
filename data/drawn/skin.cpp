// The complexion, the nose's openings and shadows, and the order in which the rest is painted over.
#include "data/drawn/skin.h"

#include <algorithm>

#include "base/dice.h"

namespace lineament {

Vec3 Skin::bend(Vec3 normal, float x, float y) const {
  constexpr float kStep = 0.6f;
  const float across = relief.at(x + kStep, y) - relief.at(x - kStep, y);
  const float down = relief.at(x, y + kStep) - relief.at(x, y - kStep);
  return unit(normal - 0.5f / kStep * Vec3{across, down, 0});
}

Skin paint_skin(const Head& head) {
  const float low = std::min(76.0f, head.shape[8].y + 4);
  Skin skin = {Canvas(-50, -58, 50, low, 1.6f, head.skin), Canvas(-50, -58, 50, low, 1.6f, 0)};
  paint_complexion(skin, head);
  paint_creases(skin, head);
  paint_nose(skin, head);
  paint_beard(skin, head);
  paint_mouth(skin, head);
  for (int which : {0, 1}) paint_eye(skin, head, which);
  for (int which : {0, 1}) paint_brow(skin, head, which);
  return skin;
}

void paint_complexion(Skin& skin, const Head& head) {
  for (int row = 0; row < skin.tone.height(); ++row) {
    for (int column = 0; column < skin.tone.width(); ++column) {
      const Place at = skin.tone.place(column, row);
      const float patches = smooth_noise(0.13f * at.x, 0.13f * at.y, head.texture ^ 11) - 0.5f;
      const float pores = smooth_noise(0.8f * at.x, 0.8f * at.y, head.texture ^ 5) - 0.5f;
      skin.tone.texel(column, row) *= 1 + head.mottle * (1.4f * patches + pores);
    }
  }
  const FaceShape& s = head.shape;
  for (int eye : {0, 1}) {  // darker where blood and bone lie nearer
    const Place at = eye_centre(s, eye);
    skin.tone.bump({at.x, at.y - 4}, 15, 9, -0.16f * head.skin);  // below the brow
    skin.tone.bump({at.x, at.y + 2}, 12, 9, -(0.2f + 0.12f * head.bags) * head.skin);
    skin.tone.bump(mix(at, s[eye ? 54 : 48], 0.55f), 13, 11, -0.05f * head.skin);
  }
  Dice dice(head.texture, 3);
  for (int i = 0; i < int(40 * head.freckles); ++i)
    skin.tone.bump({dice.normal(0, 16), dice.normal(10, 14)}, 1.3f, 1.3f, -0.25f * head.skin);
}

void paint_nose(Skin& skin, const Head& head) {
  const FaceShape& s = head.shape;
  for (int side : {0, 1}) {
    const Place wing = s[side ? 35 : 31], inner = s[side ? 34 : 32];
    const float out = side ? 1 : -1;
    const Place hole = mix(wing, inner, 0.65f) + Place{0, -0.6f};
    const Curve slot = {hole - Place{out * 1.1f, -0.2f}, hole + Place{out * 1.1f, -0.2f}};
    skin.tone.beside(slot, 2, [&](float& tone, Place, Nearest near) {
      tone = mix(tone, 0.2f * head.skin, 0.65f * covered(0.8f - near.distance, 0.8f));
    });
    const Place crease[] = {wing + Place{-out * 0.5f, -8}, wing + Place{out * 1.6f, -5}, wing + Place{out * 2, -2},
                            wing + Place{0, 1}};
    skin.relief.ridge(smooth_curve(crease), 2.2f, -0.8f);
    skin.tone.stroke(smooth_curve(crease), 0.5f, 0.5f * head.skin, 0.3f, 0.8f);
  }
  const Curve base = smooth_curve(std::span(s).subspan(31, 5));
  skin.tone.stroke(moved(base, {0, 0.8f}), 0.7f, 0.6f * head.skin, 0.3f, 1.2f);
  skin.tone.bump(s[33] + Place{0, -1}, 10, 5, 0.2f * head.skin);  // light thrown up from the lip
  const Place lip = s[51];                                        // two ridges from the nose to the lip
  for (float x : {-1.9f, 1.9f})
    skin.relief.ridge({s[33] + Place{x * 0.8f, 1.5f}, lip + Place{x * 1.3f, -0.5f}}, 1.6f, 0.45f);
}

}  // namespace lineament
