// Surfaces to samples: a turned camera, and triangles that keep the nearest of what they cover.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "data/contest.h"
#include "data/drawn/vec3.h"

namespace lineament {

inline constexpr int kOversampling = 2;                          // samples along each side of a pixel
inline constexpr int kSamples = contest::kSide * kOversampling;  // along each side of a picture
inline constexpr float kNowhere = -1e9f;                         // the depth where nothing is

/// Angles in radians: yaw turns the head to the picture's right, pitch downwards, roll clockwise.
struct Pose {
  float yaw = 0, pitch = 0, roll = 0;
  float distance = 386;            // from the camera to the face, in px: near ones see big noses
  float size = 1;                  // times the usual
  float shift_x = 0, shift_y = 0;  // in px from where the contest's faces usually are
};

/// Turns what it looks at as the pose says and sees it in perspective.
class Camera {
 public:
  explicit Camera(const Pose& pose);

  /// x and y in px, whole numbers at the pixels' centres; z is the larger the nearer.
  Vec3 project(Vec3 point) const;
  Place place(Vec3 point) const {
    const Vec3 px = project(point);
    return {px.x, px.y};
  }
  Vec3 turn(Vec3 direction) const { return {dot(right_, direction), dot(down_, direction), dot(near_, direction)}; }
  /// A direction of the picture as the head has it.
  Vec3 turn_back(Vec3 d) const { return d.x * right_ + d.y * down_ + d.z * near_; }
  /// Enlarges the picture round (0, 0), then moves it, in px.
  void frame(float scale, float x, float y) { scale_ *= scale, x_ = scale * x_ + x, y_ = scale * y_ + y; }
  float scale() const { return scale_; }

 private:
  Vec3 right_, down_, near_;  // the picture's axes as the head sees them
  float distance_, scale_ = 1, x_ = 0, y_ = 0;
};

/// What a surface is made of. Skin has the head's paint on it, hair strands where it grows; the rest one tone.
enum class Stuff : uint8_t { kHead, kEar, kNeck, kClothes };

struct Vertex {
  Vec3 screen;   // in samples
  Place seen;    // from the front of the head
  float around;  // as Surface::point() has it
  Vec3 normal;   // as the head has it
};

/// The nearest surface at a sample.
struct Hit {
  float depth = kNowhere;
  Place seen;
  float around;
  Vec3 normal;
  Stuff stuff;
};

struct Hits {
  std::vector<Hit> samples = std::vector<Hit>(size_t(kSamples) * kSamples);
  Hit* row(int y) { return &samples[size_t(y) * kSamples]; }
  const Hit* row(int y) const { return &samples[size_t(y) * kSamples]; }
};

/// A surface as rows of points. Seen from outside, rows go down and columns to the right.
class Grid {
 public:
  Grid(int rows, int columns);

  void set(int row, int column, Vec3 point, Place seen = {}, float around = 0);
  void draw(Hits& hits, const Camera& camera, Stuff stuff);

 private:
  size_t index(int row, int column) const { return size_t(row) * columns_ + column; }

  int rows_, columns_;
  std::vector<Vec3> points_;
  std::vector<Vertex> vertices_;
};

}  // namespace lineament
