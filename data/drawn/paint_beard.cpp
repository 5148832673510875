// Beard, moustache and stubble: noise where hairs grow.
#include "base/dice.h"
#include "data/drawn/skin.h"

namespace lineament {

void paint_beard(Skin& skin, const Head& head) {
  if (head.beard <= 0 && head.moustache <= 0 && head.stubble <= 0) return;
  const FaceShape& s = head.shape;
  Curve grows;  // up the cheeks, across below the nose, and down round the jaw
  for (int k : {1, 2}) grows.push_back(mix(s[k], s[30], 0.06f));
  grows.push_back(mix(s[3], s[48], 0.45f));
  grows.push_back(s[31] + Place{-3, 3});
  grows.push_back(s[33] + Place{0, 1.5f});
  grows.push_back(s[35] + Place{3, 3});
  grows.push_back(mix(s[13], s[54], 0.45f));
  for (int k : {14, 15}) grows.push_back(mix(s[k], s[30], 0.06f));
  for (int k = 13; k >= 3; --k) grows.push_back(s[k] + Place{0, 6});
  const float upper_lip = 0.5f * (s[48].y + s[54].y) + 2;
  skin.tone.within(grows, 4, [&](float& tone, Place at, float depth) {
    const float edge = covered(depth + 3 * (smooth_noise(0.5f * at.x, 0.5f * at.y, head.texture) - 0.5f), 2.5f);
    const bool above = at.y < upper_lip && at.x > s[48].x - 3 && at.x < s[54].x + 3;
    const float hairs = 0.55f + 0.9f * (smooth_noise(1.2f * at.x, 0.7f * at.y, head.texture ^ 7) - 0.25f);
    const float cover = std::clamp((above ? head.moustache : head.beard) * hairs, 0.0f, 1.0f);
    tone = mix(tone, 0.7f * tone, 0.7f * head.stubble * edge);
    tone = mix(tone, head.hair_tone * (0.6f + 0.5f * hairs), cover * edge);
  });
}

}  // namespace lineament
