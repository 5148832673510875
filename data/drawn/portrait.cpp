// Head to samples, samples to pixels, pixels through a lens and onto film.
#include "data/drawn/portrait.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/dice.h"
#include "data/drawn/head_colour.h"
#include "data/drawn/head_shape.h"

namespace lineament {
namespace {

constexpr float kEyeDistance = 36, kEyesX = 48.3f,
                kEyesY = 38.6f;  // where a head that faces the camera has its eyes
constexpr float kPi = float(std::numbers::pi);

/// Faces are cropped around their features: what turning the head moves away, framing moves back.
Camera camera_for(const Head& head, const Features& features, const Pose& pose) {
  Camera camera(pose);
  Vec3 eyes = camera.project({0, 0, face_point(head, features, head.eye_x, 0).z});
  Vec3 mouth = camera.project(face_point(head, features, 0, head.mouth_y));
  camera.move(kEyesX - (0.6f * eyes.x + 0.4f * mouth.x) + pose.shift_x,
              kEyesY + 0.4f * kEyeDistance * pose.scale - (0.6f * eyes.y + 0.4f * mouth.y) + pose.shift_y);
  return camera;
}

void draw_head(Hits& hits, const Head& head, const Features& features, const Camera& camera,
               const Light& light) {
  constexpr int kRows = 54, kColumns = 52;
  std::array<float, kColumns> sines, cosines;
  for (int c = 0; c < kColumns; ++c) {
    float t = 2 * float(c) / (kColumns - 1) - 1, angle = t * (1.4f + 0.7f * t * t);  // dense in front
    sines[c] = std::sin(angle), cosines[c] = std::cos(angle);
  }
  Grid grid(kRows, kColumns);
  for (int r = 0; r < kRows; ++r) {
    float t = 2 * float(r) / (kRows - 1) - 1, bent = t * (1.25f - 0.25f * t * t);  // dense at crown and chin
    Section at = section(head, bent < 0 ? bent * head.crown : bent * head.chin);
    for (int c = 0; c < kColumns; ++c) {
      float x = at.half_width * sines[c], open = cosines[c] > 0 ? openness(head, features, x, at.y) : 1;
      grid.set(r, c, surface(head, features, at, sines[c], cosines[c]), {{}, x, at.y, cosines[c], open});
    }
  }
  grid.draw(hits, camera, light);
}

void draw_ear(Hits& hits, const Head& head, const Camera& camera, const Light& light, float side) {
  constexpr int kRows = 10, kColumns = 12;
  constexpr Vertex kPlain = {{}, 30, 40, -0.1f, 0};  // behind the jaw, where the skin has no features
  Grid grid(kRows, kColumns);
  for (int r = 0; r < kRows; ++r) {
    float polar = kPi * float(r) / (kRows - 1), ring = std::sin(polar), height = -std::cos(polar);
    for (int c = 0; c < kColumns; ++c) {
      float turn = kPi * (1.4f * float(c) / (kColumns - 1) - 0.7f);
      Vertex at = kPlain;
      at.light = 0.75f + 0.25f * std::abs(std::sin(turn));
      grid.set(r, c,
               {side * (head.half_width + 1 + 1.5f * height) + 4.5f * ring * std::sin(turn), 7 + 11 * height,
                -6 + 6 * ring * std::cos(turn)},
               at);
    }
  }
  grid.draw(hits, camera, light);
}

using Plane = std::array<float, contest::kPixels>;

Plane average(const Hits& hits, const Head& head, const Features& features, const Backdrop& backdrop) {
  Plane plane{};
  auto tone = [&](const Hit& hit) { return hit.light * albedo(head, features, hit.x, hit.y, hit.cosine); };
  static_assert(kOversampling == 2);
  for (int y = 0; y < contest::kSide; ++y) {
    for (int x = 0; x < contest::kSide; ++x) {
      const Hit *above = hits.row(2 * y) + 2 * x, *below = hits.row(2 * y + 1) + 2 * x;
      auto [far, near] = std::minmax({above[0].depth, above[1].depth, below[0].depth, below[1].depth});
      float behind = far > kNowhere ? 0 : backdrop.at(float(x), float(y));
      float& pixel = plane[y * contest::kSide + x];
      if (near == kNowhere) {
        pixel = behind;
      } else if (near - far < 5) {  // one surface, whose features have soft edges: two samples tell enough
        pixel = 0.5f * (tone(above[0]) + tone(below[1]));
      } else {
        for (const Hit* hit : {above, above + 1, below, below + 1})
          pixel += 0.25f * (hit->depth > kNowhere ? tone(*hit) : behind);
      }
    }
  }
  return plane;
}

/// Passes of (a, 1 - 2a, a) along both axes; a is 1/4, less in the last of a fractional amount.
void soften(Plane& plane, float amount) {
  for (; amount > 0; amount -= 1) {
    float a = 0.25f * std::min(amount, 1.0f);
    for (int stride : {1, contest::kSide}) {
      Plane from = plane;
      for (int i = 0; i < contest::kPixels; ++i) {
        int place = stride == 1 ? i % contest::kSide : i / contest::kSide;
        float before = from[place > 0 ? i - stride : i],
              after = from[place + 1 < contest::kSide ? i + stride : i];
        plane[i] = a * before + (1 - 2 * a) * from[i] + a * after;
      }
    }
  }
}

}  // namespace

Keypoints points_in_picture(const Head& head, const Pose& pose) {
  Camera camera = camera_for(head, features_of(head), pose);
  auto places = keypoints_of(head);
  Keypoints points(contest::kCoordinates);
  for (int k = 0; k < contest::kPoints; ++k) {
    Vec3 p = camera.project(places[k]);
    points[2 * k] = p.x, points[2 * k + 1] = p.y;
  }
  return points;
}

Portrait draw_portrait(const Head& head, const Pose& pose, const Light& light, const Scene& scene) {
  Features features = features_of(head);
  Camera camera = camera_for(head, features, pose);
  Hits hits;
  draw_head(hits, head, features, camera, light);
  if (head.hair != Hair::kLong)
    for (float side : {-1.0f, +1.0f}) draw_ear(hits, head, camera, light, side);
  Plane plane = average(hits, head, features, Backdrop(head, camera, light, scene));
  soften(plane, scene.blur);

  Portrait portrait;
  portrait.points = points_in_picture(head, pose);
  Dice grain(scene.texture, 1);
  for (int i = 0; i < contest::kPixels; ++i) {
    float tone = 255 * (scene.offset + scene.gain * plane[i]);
    if (scene.grain > 0) tone += scene.grain * grain.normal();
    portrait.pixels[i] = uint8_t(std::clamp(tone + 0.5f, 0.0f, 255.0f));
  }
  return portrait;
}

}  // namespace lineament
