// Drawn faces: the same for ever, in the contest's frame and with its gaps, and their points exact.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "data/contest.h"
#include "data/drawn/head_shape.h"
#include "data/drawn/portrait.h"
#include "data/drawn/synthetic.h"

namespace lineament {
namespace {

const Faces& some_faces() {
  static const Faces faces = synthetic_faces_complete(601, 3);
  return faces;
}

float mean_of(std::span<const uint8_t> pixels) {
  return float(std::accumulate(pixels.begin(), pixels.end(), 0)) / float(pixels.size());
}

/// An evenly lit face that looks at the camera, sharp and without grain.
Portrait plain_portrait(Head head, Pose pose) {
  head.hair = Hair::kBald;
  head.hair_thickness = 0;
  return draw_portrait(head, pose, {.towards = {0, 0, 1}, .ambient = 0.6f, .lamp = 0.4f, .gloss = 0}, {});
}

/// Brightness at a place between pixels.
float tone_at(const Portrait& portrait, float x, float y) {
  int left = int(std::floor(x)), top = int(std::floor(y));
  float u = x - float(left), v = y - float(top);
  auto at = [&](int i, int j) { return float(portrait.pixels[size_t(top + j) * contest::kSide + left + i]); };
  return (1 - v) * ((1 - u) * at(0, 0) + u * at(1, 0)) + v * ((1 - u) * at(0, 1) + u * at(1, 1));
}

/// Where the darkness within `reach` px of (x, y) has its centre.
std::array<float, 2> dark_centre(const Portrait& portrait, float x, float y, float reach, float darker_than) {
  float sum = 0, sx = 0, sy = 0;
  for (int j = 0; j < contest::kSide; ++j) {
    for (int i = 0; i < contest::kSide; ++i) {
      if (std::hypot(float(i) - x, float(j) - y) > reach) continue;
      float weight = std::max(0.0f, darker_than - float(portrait.pixels[size_t(j) * contest::kSide + i]));
      sum += weight, sx += weight * float(i), sy += weight * float(j);
    }
  }
  return {sx / sum, sy / sum};
}

}  // namespace

TEST_CASE("a row of a seed is the same however many rows are asked for") {
  Faces few = synthetic_faces(7, 5), more = synthetic_faces(41, 5);
  CHECK(std::equal(few.pixels.begin(), few.pixels.end(), more.pixels.begin()));
  for (size_t row = 0; row < few.size(); ++row) {
    CHECK(more.ids[row] == int(row) + 1);
    for (int c = 0; c < contest::kCoordinates; ++c) {
      float a = few.keypoints[row][c], b = more.keypoints[row][c];
      CHECK((a == b || (std::isnan(a) && std::isnan(b))));
    }
  }
}

TEST_CASE("seed 1 draws what it has always drawn, on every machine") {
  struct Row {
    float nose_x, nose_y, brightness;
  };
  Faces faces = synthetic_faces_complete(3, 1);
  size_t row = 0;
  for (Row expected :
       {Row{48.530f, 55.588f, 121.481f}, Row{46.271f, 60.448f, 61.176f}, Row{51.520f, 60.656f, 109.661f}}) {
    CHECK(std::abs(faces.keypoints[row][20] - expected.nose_x) < 0.002f);
    CHECK(std::abs(faces.keypoints[row][21] - expected.nose_y) < 0.002f);
    CHECK(std::abs(mean_of(faces.image(row)) - expected.brightness) <
          0.02f);  // a compiler may round some bytes otherwise
    ++row;
  }
}

TEST_CASE("rows differ from each other, and so do seeds") {
  Faces one = synthetic_faces_complete(5, 1), two = synthetic_faces_complete(5, 2);
  for (size_t i = 0; i < 5; ++i) {
    CHECK(!std::ranges::equal(one.image(i), two.image(i)));
    CHECK(one.keypoints[i] != two.keypoints[i]);
    for (size_t j = 0; j < i; ++j) CHECK(!std::ranges::equal(one.image(i), one.image(j)));
  }
}

TEST_CASE("hiding points changes neither the pictures nor the points that stay") {
  Faces gaps = synthetic_faces(23, 9), whole = synthetic_faces_complete(23, 9);
  CHECK(gaps.pixels == whole.pixels);
  for (size_t row = 0; row < gaps.size(); ++row) {
    CHECK(is_complete(whole.keypoints[row]));
    for (int c = 0; c < contest::kCoordinates; ++c)
      if (!std::isnan(gaps.keypoints[row][c])) CHECK(gaps.keypoints[row][c] == whole.keypoints[row][c]);
  }
}

TEST_CASE("every point lies in its picture, the person's left at larger x") {
  auto x = [](const Keypoints& points, int k) { return points[2 * k]; };
  auto y = [](const Keypoints& points, int k) { return points[2 * k + 1]; };
  for (const Keypoints& points : some_faces().keypoints) {
    CHECK(std::ranges::all_of(points, [](float v) { return v >= 2 && v <= contest::kSide - 3; }));
    CHECK(x(points, 0) > x(points, 1));  // eyes
    CHECK(x(points, 2) > x(points, 4));  // their inner corners
    CHECK(x(points, 3) > x(points, 2));  // outer beyond inner
    CHECK(x(points, 5) < x(points, 4));
    CHECK(x(points, 6) > x(points, 8));    // brows
    CHECK(x(points, 11) > x(points, 12));  // corners of the mouth
    CHECK(0.5f * (y(points, 6) + y(points, 7)) < y(points, 0));
    CHECK(0.5f * (y(points, 8) + y(points, 9)) < y(points, 1));
    CHECK(y(points, 10) > std::max(y(points, 0), y(points, 1)));
    CHECK(y(points, 13) > y(points, 10));
    CHECK(y(points, 14) > y(points, 13));
  }
}

TEST_CASE("faces are framed as the contest's are") {
  // Means of the contest's 7,049 rows, in its order.
  const Keypoints kContest = {66.4f, 37.7f, 30.3f, 38.0f, 59.2f, 37.9f, 73.3f, 37.7f, 36.7f, 38.0f,
                                  22.4f, 38.0f, 56.1f, 29.3f, 79.5f, 29.7f, 39.3f, 29.5f, 15.9f, 30.4f,
                                  48.4f, 62.7f, 63.3f, 76.0f, 32.9f, 76.2f, 48.0f, 72.9f, 48.6f, 79.0f};
  for (int c = 0; c < contest::kCoordinates; ++c) {
    double sum = 0;
    for (const Keypoints& points : some_faces().keypoints) sum += points[c];
    CAPTURE(contest15().coordinate_names()[c]);
    CHECK(std::abs(sum / double(some_faces().size()) - kContest[c]) < 3.5);
  }
}

TEST_CASE("gaps follow the contest: most rows have four points, the others nearly all") {
  Faces faces = synthetic_faces(2003, 1);
  double four = 0, complete = 0;
  for (const Keypoints& points : faces.keypoints) {
    int known = 0;
    for (int k = 0; k < contest::kPoints; ++k) {
      CHECK(std::isnan(points[2 * k]) == std::isnan(points[2 * k + 1]));
      known += !std::isnan(points[2 * k]);
    }
    bool only_four = known == 4 && !std::isnan(points[0]) && !std::isnan(points[2]) &&
                     !std::isnan(points[20]) && !std::isnan(points[28]);
    CHECK((only_four || known > 10));
    four += only_four, complete += known == contest::kPoints;
  }
  CHECK(four / double(faces.size()) == doctest::Approx(0.675).epsilon(0.05));
  CHECK(complete / double(faces.size()) == doctest::Approx(2140.0 / 7049).epsilon(0.08));
}

TEST_CASE("pictures have light and shade") {
  for (size_t row = 0; row < 50; ++row) {
    auto pixels = some_faces().image(row);
    auto [darkest, brightest] = std::ranges::minmax(pixels);
    CHECK(brightest - darkest > 40);
    CHECK(mean_of(pixels) > 8);
    CHECK(mean_of(pixels) < 247);
  }
}

TEST_CASE("the pupil is drawn where the eye's centre is said to be") {
  for (float yaw : {-0.4f, 0.0f, 0.3f}) {
    for (float scale : {0.9f, 1.1f}) {
      Head head;
      head.eye_open = 1.3f;
      head.brow_ridge = 0;
      Portrait portrait = plain_portrait(head, {.yaw = yaw, .pitch = 0.1f, .roll = -0.1f, .scale = scale});
      for (int k : {0, 1}) {
        float x = portrait.points[2 * k], y = portrait.points[2 * k + 1];
        auto [dark_x, dark_y] = dark_centre(portrait, x, y, 3, 60);
        CAPTURE(yaw);
        CAPTURE(scale);
        CAPTURE(k);
        CHECK(std::abs(dark_x - x) < 0.7f);
        CHECK(std::abs(dark_y - y) < 0.7f);
      }
    }
  }
}

TEST_CASE("brows and the closed mouth end where their points are") {
  struct End {
    int end, other;  // keypoints at both ends of a dark stroke
  };
  Head head;
  head.brow_arch = 0;
  head.brows = 0.1f;
  head.brow_thickness = 3;
  head.smile = 0.25f;  // the corners level with the lips' line
  for (float yaw : {-0.25f, 0.0f, 0.25f}) {
    Portrait portrait = plain_portrait(head, {.yaw = yaw});
    for (auto [end, other] : {End{6, 7}, End{7, 6}, End{8, 9}, End{9, 8}, End{11, 12}, End{12, 11}}) {
      float x = portrait.points[2 * end], y = portrait.points[2 * end + 1];
      float dx = portrait.points[2 * other] - x, dy = portrait.points[2 * other + 1] - y;
      float length = std::hypot(dx, dy);
      auto along =
          [&](float px) {  // the darkest across the stroke, so many px from the end towards the other
            float darkest = 255;
            for (float aside : {-1.0f, 0.0f, 1.0f})
              darkest =
                  std::min(darkest, tone_at(portrait, x + px * dx / length, y + px * dy / length + aside));
            return darkest;
          };
      CAPTURE(yaw);
      CAPTURE(end);
      CHECK(along(2) + 15 < along(-2));
    }
  }
}

TEST_CASE("the nose's tip is the foremost point of the face, and leads where the head turns") {
  Head head;
  Features features = features_of(head);
  float tip = face_point(head, features, 0, head.nose_length).z;
  for (float aside : {-6.0f, -2.0f, 2.0f, 6.0f}) {
    CHECK(face_point(head, features, aside, head.nose_length).z < tip);
    CHECK(face_point(head, features, 0, head.nose_length + aside).z < tip);
  }
  auto nose_before_eyes = [&](float yaw) {
    Keypoints points = points_in_picture(head, {.yaw = yaw});
    return points[20] - 0.5f * (points[0] + points[2]);
  };
  CHECK(nose_before_eyes(0) == doctest::Approx(0).epsilon(0.001));
  CHECK(nose_before_eyes(0.3f) > 3);
  CHECK(nose_before_eyes(-0.3f) < -3);
}

}  // namespace lineament
