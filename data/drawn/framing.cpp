#include "data/drawn/framing.h"

#include <cmath>

#include "data/face_crop.h"
#include "data/keypoint_set.h"

namespace lineament {
namespace {

/// Of the contest's points in its crops, counted in its complete rows: their mean, and their distance from it (root of the
/// mean square).
constexpr Place kMiddle = {47.9f, 47.2f};
constexpr float kSpread = 26.37f;

/// How far the contest's points lie, on average, from the means of 300-W's that they stand for, in px of a head with eyes
/// 36 apart: outwards from the nose, and down. A third of its faces follow other rules, those of FG-NET.
constexpr Place kHabits[contest::kPoints] = {{0, 0},        {0, 0},       {0, 0.25f},   {0.25f, 0.6f}, {0, 0.25f},
                                             {0.25f, 0.6f}, {0.8f, 1.4f}, {0.1f, 0.3f}, {0.8f, 1.4f},  {0.1f, 0.3f},
                                             {0, 0},        {-0.45f, 0},  {-0.45f, 0},  {0, -0.5f},    {0, -0.4f}};

/// Point k of the jaw as it was labelled: where the face ends, seen from here. The side turned away ends before the ear.
Place jaw_point(const Surface& surface, const Head& head, const Camera& camera, int k, Place aside) {
  const bool right = k < 8;
  const Surface::Row row = surface.row(float(right ? k : 16 - k) / 8);
  Place best = camera.place(surface.on_face(head.shape[k]));
  if (k == 8) return best;
  for (float u = 0.95f; u > 0.25f; u -= 0.05f) {
    const Place at = camera.place(surface.point(row, right ? -u : u));
    const float further = (at.x - best.x) * aside.x + (at.y - best.y) * aside.y;
    if (further > 0) best = at;
  }
  return best;
}

/// How points that nobody has framed come into a picture: which place of theirs goes where, and how much larger.
struct Crop {
  Place from, to;
  float scale;
};

Crop by_spread(const Keypoints& points) {
  const int count = int(points.size() / 2);
  Place sum;
  for (int k = 0; k < count; ++k) sum = sum + Place{points[2 * k], points[2 * k + 1]};
  const Place middle = 1.0f / float(count) * sum;
  float squares = 0;
  for (int k = 0; k < count; ++k) {
    const Place off = Place{points[2 * k], points[2 * k + 1]} - middle;
    squares += off.x * off.x + off.y * off.y;
  }
  return {middle, kMiddle, kSpread / std::sqrt(squares / float(count))};
}

Crop by_box(const Keypoints& points) {
  const std::vector<double> places(points.begin(), points.end());
  const FaceBox box = with_margin(*extent_of(places), FaceCrop{}.margin, contest::kShape);
  return {{float(box.x + 0.5 * box.width), float(box.y + 0.5 * box.height)},
          {0.5f * (contest::kSide - 1), 0.5f * (contest::kSide - 1)},
          float(contest::kSide / box.width)};
}

}  // namespace

Points68 project_points(const Surface& surface, const Head& head, const Camera& camera) {
  const Vec3 left = camera.turn({1, 0, 0});
  const float across = std::max(0.1f, std::sqrt(left.x * left.x + left.y * left.y));
  Points68 points;
  for (int k = 0; k < 17; ++k) {
    const float side = k < 8 ? -1 : 1;
    points[k] = jaw_point(surface, head, camera, k, {side * left.x / across, side * left.y / across});
  }
  for (int k = 17; k < 68; ++k) points[k] = camera.place(surface.on_face(head.shape[k]));
  return points;
}

Camera camera_for(const Surface& surface, const Head& head, const Pose& pose, Framing framing) {
  Camera camera(pose);
  const Points68 points = project_points(surface, head, camera);
  const Crop crop =
      framing == Framing::contest ? by_spread(contest_points(points, camera)) : by_box(ibug_points(points));
  const float scale = pose.size * crop.scale;
  camera.frame(scale, crop.to.x + pose.shift_x - scale * crop.from.x, crop.to.y + pose.shift_y - scale * crop.from.y);
  return camera;
}

SeenPoints points_in_picture(const Head& head, const Pose& pose, Framing framing) {
  const Surface surface(head);
  const Camera camera = camera_for(surface, head, pose, framing);
  const Points68 points = project_points(surface, head, camera);
  return {contest_points(points, camera), ibug_points(points)};
}

Keypoints ibug_points(const Points68& points) {
  Keypoints all;
  for (Place p : points) all.push_back(p.x), all.push_back(p.y);
  return all;
}

Keypoints contest_points(const Points68& points, const Camera& camera) {
  static const PointMeans means = means_between(ibug68(), contest15());
  Keypoints fifteen = means_of(means, ibug_points(points));
  for (int k = 0; k < contest::kPoints; ++k) {
    const bool right =
        contest15().points[k].find("right") != std::string::npos;  // the subject's: to the picture's left
    const Vec3 move = camera.scale() * camera.turn({right ? -kHabits[k].x : kHabits[k].x, kHabits[k].y, 0});
    fifteen[2 * k] += move.x, fifteen[2 * k + 1] += move.y;
  }
  return fifteen;
}

}  // namespace lineament
