#include "data/drawn/raster.h"

#include <algorithm>
#include <cmath>

namespace lineament {
namespace {

/// Where in the triangle: a + v (b - a) + w (c - a), inside it while v, w >= 0 and v + w <= 1.
void draw_triangle(Hits& hits, const Vertex& a, const Vertex& b, const Vertex& c, Stuff stuff) {
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
      auto blend = [v, w](auto of_a, auto of_b, auto of_c) { return of_a + v * (of_b - of_a) + w * (of_c - of_a); };
      float depth = blend(a.screen.z, b.screen.z, c.screen.z);
      if (depth > hit->depth)
        *hit = {depth, blend(a.seen, b.seen, c.seen), blend(a.around, b.around, c.around),
                blend(a.normal, b.normal, c.normal), stuff};
    }
  }
}

}  // namespace

Camera::Camera(const Pose& pose) : distance_(pose.distance) {
  float sy = std::sin(pose.yaw), cy = std::cos(pose.yaw);
  float sp = std::sin(pose.pitch), cp = std::cos(pose.pitch);
  float sr = std::sin(pose.roll), cr = std::cos(pose.roll);
  Vec3 across = {cy, 0, sy}, down = {-sp * sy, cp, sp * cy};
  right_ = cr * across - sr * down;
  down_ = sr * across + cr * down;
  near_ = {-cp * sy, -sp, cp * cy};
}

Vec3 Camera::project(Vec3 point) const {
  float z = dot(near_, point), zoom = scale_ * distance_ / (distance_ - z);
  return {x_ + zoom * dot(right_, point), y_ + zoom * dot(down_, point), scale_ * z};
}

Grid::Grid(int rows, int columns)
    : rows_(rows), columns_(columns), points_(size_t(rows) * columns), vertices_(size_t(rows) * columns) {}

void Grid::set(int row, int column, Vec3 point, Place seen, float around) {
  points_[index(row, column)] = point;
  vertices_[index(row, column)] = {{}, seen, around, {}};
}

void Grid::draw(Hits& hits, const Camera& camera, Stuff stuff) {
  for (int r = 0; r < rows_; ++r) {
    for (int c = 0; c < columns_; ++c) {
      Vec3 across = points_[index(r, std::min(c + 1, columns_ - 1))] - points_[index(r, std::max(c - 1, 0))];
      Vec3 down = points_[index(std::min(r + 1, rows_ - 1), c)] - points_[index(std::max(r - 1, 0), c)];
      Vertex& vertex = vertices_[index(r, c)];
      vertex.normal = unit(cross(across, down));
      // Sample i is centred (i + 0.5) / kOversampling - 0.5 px from the first pixel's centre.
      Vec3 px = camera.project(points_[index(r, c)]);
      vertex.screen = {(px.x + 0.5f) * kOversampling - 0.5f, (px.y + 0.5f) * kOversampling - 0.5f, px.z};
    }
  }
  for (int r = 0; r + 1 < rows_; ++r) {
    for (int c = 0; c + 1 < columns_; ++c) {
      const Vertex &a = vertices_[index(r, c)], &b = vertices_[index(r, c + 1)];
      const Vertex &d = vertices_[index(r + 1, c)], &e = vertices_[index(r + 1, c + 1)];
      draw_triangle(hits, a, b, e, stuff);
      draw_triangle(hits, a, e, d, stuff);
    }
  }
}

}  // namespace lineament
