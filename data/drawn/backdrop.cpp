#include "data/drawn/backdrop.h"

#include <array>
#include <cmath>

#include "base/dice.h"
#include "data/contest.h"

namespace lineament {

void draw_backdrop(Canvas& picture, const Backdrop& backdrop) {
  struct Shape {
    float x, y, width, height, tone;
    bool round;
  };
  std::array<Shape, 10> shapes;
  Dice dice(backdrop.texture, 0);
  for (Shape& shape : shapes)
    shape = {dice.between(-10, 106), dice.between(-10, 106), dice.between(3, 35),
             dice.between(3, 45),    dice.normal(0, 0.22f),  dice.chance(0.4f)};
  const int count = std::min(backdrop.shapes, int(shapes.size()));
  const uint32_t seed = uint32_t(backdrop.texture);
  const float across = std::cos(backdrop.stripe_angle) / backdrop.stripe_width;
  const float down = std::sin(backdrop.stripe_angle) / backdrop.stripe_width;
  auto tone_at = [&](float x, float y) {
    float tone =
        backdrop.tone + backdrop.slope_x * (x / contest::kSide - 0.5f) + backdrop.slope_y * (y / contest::kSide - 0.5f);
    tone += backdrop.coarse * 2 * (smooth_noise(0.07f * x, 0.07f * y, seed) - 0.5f);
    if (backdrop.fine > 0.03f) tone += backdrop.fine * 2 * (smooth_noise(0.3f * x, 0.3f * y, seed ^ 5) - 0.5f);
    if (backdrop.stripes > 0) {
      const float stripe = across * x + down * y, within = 2 * (stripe - std::floor(stripe)) - 1;
      tone += backdrop.stripes * (smooth_step(0.3f, 0.7f, std::abs(within)) - 0.5f);
    }
    for (int i = 0; i < count; ++i) {
      const Shape& shape = shapes[i];
      const float dx = std::abs(x - shape.x), dy = std::abs(y - shape.y);
      const float inside =
          shape.round ? shape.width - std::sqrt(dx * dx + dy * dy) : std::min(shape.width - dx, shape.height - dy);
      tone += shape.tone * smooth_step(-backdrop.soft, backdrop.soft, inside);
    }
    return std::max(0.0f, tone);
  };
  for (int row = 0; row + 1 < picture.height(); row += 2) {
    for (int column = 0; column + 1 < picture.width(); column += 2) {
      const Place at = picture.place(column, row);
      const float tone = tone_at(at.x, at.y);
      for (int i : {0, 1})
        for (int j : {0, 1}) picture.texel(column + j, row + i) = tone;
    }
  }
}

}  // namespace lineament
