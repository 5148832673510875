// Surfaces to samples: a turned camera, a lamp, and triangles that keep the nearest of what they cover.
#pragma once
#include <cstddef>
#include <vector>

#include "data/drawn/vec3.h"
#include "data/contest.h"

namespace lineament {

inline constexpr int kOversampling = 2;                      // samples along each side of a pixel
inline constexpr int kSamples = contest::kSide * kOversampling;  // along each side of a picture
inline constexpr float kNowhere = -1e9f;                     // the depth where nothing is

/// Angles in radians: yaw turns the head to the picture's right, pitch downwards, roll clockwise. `shift` is
/// in px from where the contest's faces usually are.
struct Pose {
  float yaw = 0, pitch = 0, roll = 0;
  float scale = 1;
  float shift_x = 0, shift_y = 0;
};

struct Light {
  Vec3 towards = {-0.4f, -0.5f, 0.77f};  // of length 1, from the head to the lamp
  float ambient = 0.45f, lamp = 0.6f, gloss = 0.1f;
};

/// Turns what it looks at as the pose says and sees it in mild perspective.
class Camera {
 public:
  explicit Camera(const Pose& pose);

  /// x and y in px, whole numbers at the pixels' centres; z is the larger the nearer.
  Vec3 project(Vec3 point) const;
  Vec3 turn(Vec3 direction) const {
    return {dot(right_, direction), dot(down_, direction), dot(near_, direction)};
  }
  /// Moves the picture, in px.
  void move(float x, float y) { x_ += x, y_ += y; }

 private:
  Vec3 right_, down_, near_;  // the picture's axes as the head sees them
  float scale_, x_ = 0, y_ = 0;
};

struct Vertex {
  Vec3 screen;         // in samples
  float x, y, cosine;  // where on the head: what albedo() asks for
  float light;         // open share of the ambient light at first; then all the light that falls there
};

/// The nearest surface at a sample.
struct Hit {
  float depth = kNowhere;
  float x, y, cosine, light;
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

  /// Places one point; `at` tells where on the head it lies, how open it is there, and not yet `screen`.
  void set(int row, int column, Vec3 point, const Vertex& at);
  void draw(Hits& hits, const Camera& camera, const Light& light);

 private:
  size_t index(int row, int column) const { return size_t(row) * columns_ + column; }

  int rows_, columns_;
  std::vector<Vec3> points_;
  std::vector<Vertex> vertices_;
};

}  // namespace lineament
