// The shape of a head: stacked ellipses, smooth bumps for the features, and the keypoints that lie on them.
#include "data/drawn/head_shape.h"

#include <algorithm>
#include <cmath>

namespace lineament {
namespace {

/// (1 - r^2)^2 within an ellipse around (cx, cy), 0 outside: smooth, and a product of plain sums.
float bump(float x, float y, float cx, float cy, float rx, float ry) {
  float u = (x - cx) / rx, v = (y - cy) / ry, inside = 1 - u * u - v * v;
  return inside > 0 ? inside * inside : 0;
}

/// A ridge that widens and rises from between the eyes to the tip,
/// then falls to the lip in a fifth of its length.
float nose(const Head& head, float x, float y) {
  float top = -7, fall = 0.27f * head.nose_length;
  float along = (y - top) / (head.nose_length - top);
  if (along <= 0 || y >= head.nose_length + fall || std::abs(x) > head.nose_width * 1.5f) return 0;
  float ridge = along < 1 ? along * (0.45f + along * (1.45f - 0.9f * along)) : 1;
  if (along > 1) {
    float down = (y - head.nose_length) / fall;
    ridge = (1 - down * down) * (1 - down * down);
  }
  float width = head.nose_width * (0.75f + 0.35f * std::min(along, 1.0f)), u = x / width;
  float across = std::abs(u) < 1 ? (1 - u * u) * (1 - u * u) : 0;
  float wings = bump(std::abs(x), y, 0.58f * head.nose_width, head.nose_length + 0.5f, 4.2f, 4.5f);
  return head.nose_height * ridge * across + 0.28f * head.nose_height * wings;
}

/// How far the features lift the front of the head from its section.
float relief(const Head& head, const Mouth& mouth, float x, float y) {
  float side = std::abs(x), lift = nose(head, x, y);
  lift -= 5.5f * bump(side, y, head.eye_x - 2, -1, 12, 9);
  lift += 2.6f * bump(side, y, head.eye_x, 0, 9, 6.5f);
  lift += head.brow_ridge * bump(side, y, 14, head.brow_y - 1, 20, 7);
  lift += head.cheeks * bump(side, y, 22, 19, 16, 15);
  lift += (2 + 1.5f * head.smile) * bump(side, y, 22, 26, 10, 10);
  lift += 3.2f * bump(x, y, 0, 0.5f * (mouth.top + mouth.bottom), 19, 13);
  lift += 1.5f * bump(x, y, 0, mouth.bottom - 2, 11, 4);
  lift += 4.5f * bump(x, y, 0, head.chin - 7, 14, 11);
  return lift;
}

}  // namespace

Section section(const Head& head, float y) {
  if (y < 0) {
    float t = std::min(-y / head.crown, 1.0f), t2 = t * t;
    return {y, head.half_width * std::sqrt(1 - t2 * t), head.depth * std::sqrt(1 - t2 * t)};
  }
  float t = std::min(y / head.chin, 1.0f), t2 = t * t;
  float power = t2 * (1 + (head.jaw - 2) * (t - 1));  // t^2 where jaw is 2, t^3 where it is 3
  return {y, head.half_width * std::sqrt(1 - power), head.depth * std::sqrt(1 - t2 * t2 * t)};
}

Vec3 surface(const Head& head, const Features& features, const Section& at, float sine, float cosine) {
  float x = at.half_width * sine, z = at.depth * cosine;
  if (cosine > 0) z += relief(head, features.mouth, x, at.y);
  float lift = head.hair_thickness * smooth_step(-2, 7, hair_depth(head, x, at.y, cosine));
  float height = std::clamp(-at.y / head.crown, 0.0f, 1.0f);
  float out = 1 + lift / head.half_width;
  return {x * out, at.y - lift * height * height, z * out};
}

Vec3 face_point(const Head& head, const Features& features, float x, float y) {
  Section at = section(head, y);
  float sine = std::clamp(x / at.half_width, -1.0f, 1.0f);
  return surface(head, features, at, sine, std::sqrt(1 - sine * sine));
}

std::array<Vec3, contest::kPoints> keypoints_of(const Head& head) {
  Features features = features_of(head);
  const auto& [eyes, brows, mouth] = features;
  auto on = [&](Place p) { return face_point(head, features, p.x, p.y); };
  return {on(eyes[0].centre()),
          on(eyes[1].centre()),
          on(eyes[0].inner),
          on(eyes[0].outer),
          on(eyes[1].inner),
          on(eyes[1].outer),
          on(brows[0].inner),
          on(brows[0].outer),
          on(brows[1].inner),
          on(brows[1].outer),
          on({0, head.nose_length}),
          on({mouth.half_width, mouth.corner}),
          on({-mouth.half_width, mouth.corner}),
          on({0, mouth.top}),
          on({0, mouth.bottom})};
}

}  // namespace lineament
