// light = ambient * open + lamp * max(0, n . l) + gloss * (n . h)^16, at each vertex; linear between them.
#include "data/drawn/raster.h"

#include <algorithm>
#include <cmath>

namespace lineament {
namespace {

// From the camera to the head's axis, and from there to the face, where a px is a px.
constexpr float kCameraDistance = 420, kFaceDistance = 34;

/// Where in the triangle: a + v (b - a) + w (c - a), inside it while v, w >= 0 and v + w <= 1.
void draw_triangle(Hits& hits, const Vertex& a, const Vertex& b, const Vertex& c) {
  float abx = b.screen.x - a.screen.x, aby = b.screen.y - a.screen.y;
  float acx = c.screen.x - a.screen.x, acy = c.screen.y - a.screen.y;
  float area = abx * acy - aby * acx;
  if (area <= 0) return;  // seen from behind
  auto [x0, x1] = std::minmax({a.screen.x, b.screen.x, c.screen.x});
  auto [y0, y1] = std::minmax({a.screen.y, b.screen.y, c.screen.y});
  int left = int(std::max(x0, 0.0f)), right = int(std::min(x1, kSamples - 1.0f));
  int top = int(std::max(y0, 0.0f)), bottom = int(std::min(y1, kSamples - 1.0f));
  float scale = 1 / area, v_step = acy * scale, w_step = -aby * scale;
  for (int y = top; y <= bottom; ++y) {
    float dx = float(left) - a.screen.x, dy = float(y) - a.screen.y;
    float v = (dx * acy - dy * acx) * scale, w = (abx * dy - aby * dx) * scale;
    Hit* hit = hits.row(y) + left;
    for (int x = left; x <= right; ++x, ++hit, v += v_step, w += w_step) {
      if (v < 0 || w < 0 || v + w > 1) continue;
      auto mix = [v, w](float of_a, float of_b, float of_c) {
        return of_a + v * (of_b - of_a) + w * (of_c - of_a);
      };
      float depth = mix(a.screen.z, b.screen.z, c.screen.z);
      if (depth > hit->depth)
        *hit = {depth, mix(a.x, b.x, c.x), mix(a.y, b.y, c.y), mix(a.cosine, b.cosine, c.cosine),
                mix(a.light, b.light, c.light)};
    }
  }
}

}  // namespace

Camera::Camera(const Pose& pose) : scale_(pose.scale) {
  float sy = std::sin(pose.yaw), cy = std::cos(pose.yaw);
  float sp = std::sin(pose.pitch), cp = std::cos(pose.pitch);
  float sr = std::sin(pose.roll), cr = std::cos(pose.roll);
  Vec3 across = {cy, 0, sy}, down = {-sp * sy, cp, sp * cy};
  right_ = cr * across - sr * down;
  down_ = sr * across + cr * down;
  near_ = {-cp * sy, -sp, cp * cy};
}

Vec3 Camera::project(Vec3 point) const {
  float z = dot(near_, point), zoom = scale_ * (kCameraDistance - kFaceDistance) / (kCameraDistance - z);
  return {x_ + zoom * dot(right_, point), y_ + zoom * dot(down_, point), z};
}

Grid::Grid(int rows, int columns)
    : rows_(rows), columns_(columns), points_(size_t(rows) * columns), vertices_(size_t(rows) * columns) {}

void Grid::set(int row, int column, Vec3 point, const Vertex& at) {
  points_[index(row, column)] = point;
  vertices_[index(row, column)] = at;
}

void Grid::draw(Hits& hits, const Camera& camera, const Light& light) {
  Vec3 half = unit(light.towards + Vec3{0, 0, 1});
  for (int r = 0; r < rows_; ++r) {
    for (int c = 0; c < columns_; ++c) {
      Vec3 across = points_[index(r, std::min(c + 1, columns_ - 1))] - points_[index(r, std::max(c - 1, 0))];
      Vec3 down = points_[index(std::min(r + 1, rows_ - 1), c)] - points_[index(std::max(r - 1, 0), c)];
      Vec3 normal = camera.turn(unit(cross(across, down)));
      Vertex& vertex = vertices_[index(r, c)];
      // Sample i is centred (i + 0.5) / kOversampling - 0.5 px from the first pixel's centre.
      Vec3 px = camera.project(points_[index(r, c)]);
      vertex.screen = {(px.x + 0.5f) * kOversampling - 0.5f, (px.y + 0.5f) * kOversampling - 0.5f, px.z};
      float open = vertex.light, shine = std::max(0.0f, dot(normal, half));
      for (int i = 0; i < 4; ++i) shine *= shine;
      vertex.light = light.ambient * open * (0.8f - 0.2f * normal.y) +  // more of it from above
                     light.lamp * std::max(0.0f, dot(normal, light.towards)) * (0.5f + 0.5f * open) +
                     light.gloss * shine;
    }
  }
  for (int r = 0; r + 1 < rows_; ++r) {
    for (int c = 0; c + 1 < columns_; ++c) {
      const Vertex &a = vertices_[index(r, c)], &b = vertices_[index(r, c + 1)];
      const Vertex &d = vertices_[index(r + 1, c)], &e = vertices_[index(r + 1, c + 1)];
      draw_triangle(hits, a, b, e);
      draw_triangle(hits, a, e, d);
    }
  }
}

}  // namespace lineament
