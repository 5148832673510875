// Rows between both halves of the jaw's outline, a profile in front, and smooth bumps for the features.
#include "data/drawn/surface.h"

#include <algorithm>
#include <cmath>

namespace lineament {
namespace {

/// z of the jaw's points from ear to chin: as 775 photographs, turned this way and that, have it.
constexpr float kJawDepth[9] = {-47, -42.5f, -36.5f, -30, -23.5f, -17.5f, -12, -7.5f, -5};
/// Outlines were measured as a camera saw them. What lies behind the eyes looked smaller by as much as it is further away.
constexpr float kUsualDistance = 420;
constexpr float kSkull = 52;  // from the outline to the back

/// Through four places, at t between the middle two.
Place between(Place a, Place b, Place c, Place d, float t) {
  const float t2 = t * t, t3 = t2 * t;
  return 0.5f * ((2 * b) + t * (c - a) + t2 * (2 * a - 5 * b + 4 * c - d) + t3 * (3 * b - a - 3 * c + d));
}

/// The value at y of nodes in the order of their y, smooth between them.
template <typename Nodes, typename Value>
float value_at(const Nodes& nodes, float y, Value value) {
  if (y <= nodes.front().y) return value(nodes.front());
  for (size_t i = 1; i < nodes.size(); ++i)
    if (y < nodes[i].y) return mix(value(nodes[i - 1]), value(nodes[i]), smooth_step(nodes[i - 1].y, nodes[i].y, y));
  return value(nodes.back());
}

}  // namespace

Surface::Surface(const Head& head) : head_(head) {
  const FaceShape& s = head.shape;
  const float brow = 0.25f * (s[19].y + s[20].y + s[23].y + s[24].y), mouth = 0.5f * (s[62].y + s[66].y);
  profile_ = {Node{-head.crown, 0}, {-40, 2}, {brow, 4.5f}, {0, 2}, {s[33].y, 2.5f}, {s[8].y - 7, -0.5f}};
  const float tall = head.nose_height, wing = 0.5f * (s[35].x - s[31].x), tip = s[33].y - s[30].y;
  nose_ = {NoseNode{s[27].y - 7, s[27].x, 0, 6},
           {s[27].y, s[27].x, 6.5f * tall, 6},
           {s[28].y, s[28].x, 11 * tall, 6.5f},
           {s[29].y, s[29].x, 15.5f * tall, 7.5f},
           {s[30].y, s[30].x, 20.5f * tall, 1.15f * wing},
           {s[33].y - 0.1f * tip, s[33].x, 9.5f * tall, 1.2f * wing},
           {s[33].y + 3.5f, s[33].x, 0, 0.8f * wing}};
  for (int eye : {0, 1}) {
    const Place at = eye_centre(s, eye);
    const float half = 0.5f * std::abs(s[eye ? 45 : 36].x - s[eye ? 42 : 39].x), out = eye ? 1 : -1;
    bumps_.push_back({at.x - out * 3, at.y - 1, 1.7f * half, 9, -head.eye_depth - 2.5f});
    bumps_.push_back({at.x, at.y, 1.25f * half, 7, head.eye_depth + 0.5f});
    const Place ridge = mix(s[eye ? 23 : 20], s[eye ? 24 : 19], 0.4f);
    bumps_.push_back({ridge.x, ridge.y - 0.5f, 19, 7.5f, head.brow_ridge});
    bumps_.push_back({s[eye ? 26 : 17].x, s[eye ? 26 : 17].y - 1, 12, 12, 6});  // the temple
    const Place alar = s[eye ? 35 : 31], corner = s[eye ? 54 : 48];
    bumps_.push_back({alar.x - out * 1.2f, alar.y - 1.5f, 4.6f, 4.8f, 5 * tall});
    bumps_.push_back({at.x + out * 4, mix(at.y, corner.y, 0.45f), 15, 14, head.cheeks});
    bumps_.push_back({corner.x, corner.y, 6, 5, -3.5f});
    bumps_.push_back({mix(corner.x, at.x, 0.6f) + out * 7, corner.y - 7, 10, 10, 0.6f * head.cheeks});
  }
  const Place lips = 0.5f * (s[51] + s[57]);
  const float wide = 0.5f * (s[54].x - s[48].x), tall_lips = 0.5f * (s[57].y - s[51].y);
  bumps_.push_back({0, brow + 2, 12, 9, 4});
  bumps_.push_back({lips.x, mouth, wide + 3, tall_lips + 9, 6.5f});
  bumps_.push_back({lips.x, mix(s[51].y, s[62].y, 0.6f), wide, 4, 3.5f});
  bumps_.push_back({lips.x, mix(s[57].y, s[66].y, 0.5f), 0.8f * wide, 4, 3.2f});
  bumps_.push_back({s[8].x, s[8].y - 7, 14, 10, 5});
}

float Surface::front_at(float y) const {
  return value_at(profile_, y, [](const Node& node) { return node.z; });
}

float Surface::nose(Place at) const {
  if (at.y <= nose_.front().y || at.y >= nose_.back().y) return 0;
  const float x = value_at(nose_, at.y, [](const NoseNode& n) { return n.x; });
  const float width = value_at(nose_, at.y, [](const NoseNode& n) { return n.width; });
  const float u = (at.x - x) / (1.5f * width), across = 1 - u * u;
  if (across <= 0) return 0;
  return across * std::sqrt(across) * value_at(nose_, at.y, [](const NoseNode& n) { return n.height; });
}

float Surface::relief(Place at) const {
  float lift = nose(at);
  for (const Bump& bump : bumps_) {
    const float u = (at.x - bump.x) / bump.rx, v = (at.y - bump.y) / bump.ry, inside = 1 - u * u - v * v;
    if (inside > 0) lift += bump.by * inside * inside;
  }
  return lift;
}

Surface::Row Surface::row(float s) const {
  const FaceShape& jaw = head_.shape;
  if (s < 0) {  // an egg over the line from ear to ear
    const float t = -s, close = std::sqrt(1 - t * t * t), y = mix(0.5f * (jaw[0].y + jaw[16].y), -head_.crown, t);
    const Place middle = mix(mix(jaw[0], jaw[16], 0.5f), {0, y}, std::min(1.0f, 3 * t));
    const float half = 0.5f * (jaw[16].x - jaw[0].x) * close, tilt = 0.5f * (jaw[16].y - jaw[0].y) * (1 - t);
    return {{middle.x - half, y - tilt},
            {middle.x + half, y + tilt},
            kJawDepth[0],
            mix(kJawDepth[0], front_at(y), std::sqrt(1 - t * t * t * t)),
            kJawDepth[0] - kSkull * close};
  }
  const int k = std::min(7, int(8 * s));
  const float t = 8 * s - float(k);
  auto along = [&](int way, int start) {  // mirrored beyond the chin, straight on beyond the ear
    auto at = [&](int i) { return i < 0 ? 2 * jaw[start] - jaw[start + way] : jaw[start + way * i]; };
    return between(at(k - 1), at(k), at(k + 1), at(k + 2), t);
  };
  Row row = {along(1, 0), along(-1, 16), mix(kJawDepth[k], kJawDepth[k + 1], t), 0, 0};
  const float s2 = s * s, s4 = s2 * s2, close = std::sqrt(1 - s4 * s4 * s2);
  row.front = mix(row.side, front_at(0.5f * (row.right.y + row.left.y)), close);
  row.back = row.side - kSkull * (1 - 0.4f * s) * close;
  return row;
}

Vec3 Surface::point(const Row& row, float around, Place* seen) const {
  const bool front = std::abs(around) <= 1;
  const float u = front ? around : std::copysign(2 - std::abs(around), around);
  const Place at = mix(row.right, row.left, 0.5f * (u + 1));
  if (seen) *seen = at;
  const float u2 = u * u;
  float z;
  if (front) {
    const float bulge = std::cbrt(std::max(0.0f, 1 - u2 * std::abs(u)));  // a face is flatter than a circle
    z = row.side + (row.front - row.side) * bulge + relief(at) * std::min(1.0f, 2 * bulge);
  } else {
    z = row.side + (row.back - row.side) * std::sqrt(std::max(0.0f, 1 - u2));
  }
  const float wider = 1 + std::clamp(-z, 0.0f, 50.0f) / kUsualDistance;
  return {wider * at.x, wider * at.y, z};
}

Vec3 Surface::on_face(Place place) const {
  float low = -1, high = 1;
  float u = 0;
  for (int i = 0; i < 18; ++i) {
    const float s = 0.5f * (low + high);
    const Row at = row(s);
    const float width = at.left.x - at.right.x;
    u = width > 0.01f ? std::clamp(2 * (place.x - at.right.x) / width - 1, -1.0f, 1.0f) : 0;
    (mix(at.right.y, at.left.y, 0.5f * (u + 1)) < place.y ? low : high) = s;
  }
  return point(row(0.5f * (low + high)), u);
}

}  // namespace lineament
