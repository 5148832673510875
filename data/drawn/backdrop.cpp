// Layers from the wall to the collar, each with a soft edge.
#include "data/drawn/backdrop.h"

#include <algorithm>
#include <cmath>

#include "base/dice.h"
#include "data/drawn/head_features.h"

namespace lineament {

Backdrop::Backdrop(const Head& head, const Camera& camera, const Light& light, const Scene& scene)
    : head_(head),
      scene_(scene),
      skin_(head.skin * (0.55f * light.ambient + 0.35f * light.lamp)),
      crown_(camera.project({0, -0.3f * head.crown, -20})),
      chin_(camera.project({0, head.chin, -8})),
      clutter_(std::clamp(scene.clutter, 0, int{kShapes})) {
  Dice dice(scene.texture, 0);
  for (Shape& shape : shapes_)
    shape = {dice.between(-10, 106), dice.between(-10, 106), dice.between(4, 40),
             dice.between(4, 40),    dice.normal(0, 0.2f),   dice.chance(0.5f)};
}

float Backdrop::at(float x, float y) const {
  float tone = scene_.wall + scene_.wall_slope_x * (x / contest::kSide - 0.5f) +
               scene_.wall_slope_y * (y / contest::kSide - 0.5f);
  tone += 0.06f * (smooth_noise(0.11f * x, 0.11f * y, uint32_t(scene_.texture)) - 0.5f);
  for (int i = 0; i < clutter_; ++i) {
    const Shape& shape = shapes_[i];
    float dx = std::abs(x - shape.x), dy = std::abs(y - shape.y);
    float inside = shape.round ? shape.width - std::sqrt(dx * dx + dy * dy)
                               : std::min(shape.width - dx, shape.height - dy);
    tone += shape.tone * smooth_step(-1, 1, inside);
  }
  auto cover = [&](float share, float with) { tone += share * (with - tone); };
  if (head_.hair == Hair::kLong) {
    float wave = 3 * smooth_noise(0.1f * y, x > 48, head_.texture);
    float inside = 1.12f * head_.half_width + wave - std::abs(x - 0.5f * (crown_.x + chin_.x));
    float strand = head_.hair_tone * (0.35f + 0.5f * smooth_noise(0.9f * x, 0.05f * y, head_.texture));
    cover(smooth_step(-1, 1, inside) * smooth_step(crown_.y - 4, crown_.y, y), strand);
  }
  float aside = std::abs(x - chin_.x);
  cover(smooth_step(-1, 1, 24 - aside) * smooth_step(chin_.y - 40, chin_.y - 38, y),
        skin_ * (1 - 0.012f * aside));
  float collar = chin_.y + 12 + (aside > 14 ? 0.18f * (aside - 14) : 0.9f * (14 - aside));
  cover(smooth_step(collar - 0.7f, collar + 0.7f, y), scene_.clothes);
  return tone;
}

}  // namespace lineament
