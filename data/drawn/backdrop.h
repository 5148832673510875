// What a portrait shows beside the head: a wall with shapes on it, hair that falls behind, neck and clothes.
#pragma once
#include <array>
#include <cstdint>

#include "data/drawn/head.h"
#include "data/drawn/raster.h"

namespace lineament {

/// What is behind the head, and what the camera makes of it all.
struct Scene {
  float wall = 0.4f, wall_slope_x = 0,
        wall_slope_y = 0;  // brightness at the middle; change across the picture
  int clutter = 0;         // shapes on the wall, at most 6
  float clothes = 0.3f;
  float gain = 1, offset = 0;  // brightness' = offset + gain * brightness
  float blur = 0;              // passes of a 3-tap filter
  float grain = 0;             // deviation of the noise, in 255ths
  uint64_t texture = 1;        // seed of clutter and grain
};

class Backdrop {
 public:
  /// Keeps references to `head` and `scene`.
  Backdrop(const Head& head, const Camera& camera, const Light& light, const Scene& scene);

  /// Brightness at (x, y), in px.
  float at(float x, float y) const;

 private:
  static constexpr int kShapes = 6;
  struct Shape {
    float x, y, width, height, tone;
    bool round;
  };

  const Head& head_;
  const Scene& scene_;
  float skin_;         // brightness of the neck
  Vec3 crown_, chin_;  // in px
  int clutter_;
  std::array<Shape, kShapes> shapes_{};
};

}  // namespace lineament
