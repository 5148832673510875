#include "data/drawn/before_face.h"

#include <cmath>
#include <numbers>

namespace lineament {

void draw_glasses(Canvas& picture, const Glasses& glasses, const Head& head, const Surface& surface,
                  const Camera& camera) {
  if (glasses.rim <= 0) return;
  const float turned = camera.turn({0, 0, 1}).x, rim = glasses.rim * camera.scale();
  const float z = surface.on_face(head.shape[27]).z + 1;
  for (int eye : {0, 1}) {
    const float out = eye ? 1 : -1;
    const Place middle = eye_centre(head.shape, eye) + Place{out * 1.2f, glasses.drop};
    auto at = [&](float x, float y) {  // bent round the head
      return camera.place({x, y, z - 0.25f * std::max(0.0f, out * (x - middle.x) + 4)});
    };
    Curve lens;
    for (int k = 0; k < 24; ++k) {
      const float angle = float(k) / 12 * float(std::numbers::pi), c = std::cos(angle), s = std::sin(angle);
      const float power = glasses.square, sum = std::pow(std::abs(c), power) + std::pow(std::abs(s), power);
      const float r = std::pow(sum, -1 / power);
      lens.push_back(at(middle.x + glasses.width * r * c, middle.y + glasses.height * r * s));
    }
    if (glasses.tint > 0) picture.fill(lens, glasses.tone * 0.6f, glasses.tint);
    if (glasses.glare > 0) {
      const Place low = at(middle.x - 6, middle.y + 6), high = at(middle.x + 2, middle.y - 7);
      picture.within(lens, 0.5f, [&](float& tone, Place place, float depth) {
        const float aside = nearest_on({low, high}, place).distance;
        tone = mix(tone, 1, glasses.glare * covered(depth, 0.5f) * covered(3.5f - aside, 2));
      });
    }
    lens.push_back(lens.front());
    picture.beside(lens, 0.5f * rim + 0.5f, [&](float& tone, Place, Nearest near) {
      tone = mix(tone, glasses.tone, covered(0.5f * rim - near.distance, 0.5f));
    });
    if (out * turned < 0.15f) {  // the temple of a side that can be seen
      const Curve temple = {at(middle.x + out * glasses.width, middle.y - 2),
                            camera.place({head.shape[eye ? 16 : 0].x, middle.y - 1, -40})};
      picture.beside(temple, 0.5f * rim + 0.5f, [&](float& tone, Place, Nearest near) {
        tone = mix(tone, glasses.tone, covered(0.5f * rim - near.distance, 0.5f));
      });
    }
  }
  const Place right = eye_centre(head.shape, 0), left = eye_centre(head.shape, 1);
  const Place bridge[] = {
      camera.place({right.x - 1.2f + glasses.width, right.y + glasses.drop - 1, z}),
      camera.place({0.5f * (right.x + left.x), 0.5f * (right.y + left.y) + glasses.drop - 2.5f, z + 3}),
      camera.place({left.x + 1.2f - glasses.width, left.y + glasses.drop - 1, z})};
  picture.beside(smooth_curve(bridge), 0.5f * rim + 0.5f, [&](float& tone, Place, Nearest near) {
    tone = mix(tone, glasses.tone, covered(0.5f * rim - near.distance, 0.5f));
  });
}

void draw_hand(Canvas& picture, const Hand& hand, const Head& head, const Surface& surface, const Camera& camera,
               const Light& light) {
  if (hand.fingers == 0) return;
  const Place touch = camera.place(surface.on_face(head.shape[hand.towards]) + Vec3{0, 0, 10});
  const Place middle = camera.place(surface.on_face(head.shape[30]));
  const Place way = 1 / std::max(1.0f, length(middle - touch)) * (middle - touch);
  const float c = std::cos(hand.angle), s = std::sin(hand.angle), scale = camera.scale();
  const Place in = {c * way.x - s * way.y, s * way.x + c * way.y}, aside = {-in.y, in.x};
  const float half = hand.thick * scale;
  for (int i = 0; i < hand.fingers; ++i) {
    const float off = float(i) - 0.5f * float(hand.fingers - 1), shorter = 2.2f * off * off;
    const Place tip = touch + scale * (hand.reach - shorter) * in + 1.9f * half * off * aside;
    const Place knuckle = touch - 0.4f * hand.length * scale * in + 2.0f * half * off * aside;
    const Place wrist = touch - hand.length * scale * in + 1.4f * half * off * aside;
    const Curve finger = smooth_curve({{tip, mix(tip, knuckle, 0.5f) + 0.4f * half * aside, knuckle, wrist}});
    picture.beside(finger, half + 1, [&](float& tone, Place at, Nearest near) {
      const float r = std::min(1.0f, near.distance / half), round = std::sqrt(1 - 0.9f * r * r);
      const float lit = light.ambient + light.lamp * (0.7f * round * std::max(0.2f, light.towards.z) + 0.15f);
      const float nail = 0.12f * covered(2.2f - length(at - tip - 1.5f * in), 1);
      const float crease = 0.15f * covered(0.6f - std::abs(length(at - tip) - 14 * scale), 0.8f);
      tone = mix(tone, hand.tone * lit * (1 + nail - crease), covered(half - near.distance, 0.7f));
    });
  }
}

}  // namespace lineament
