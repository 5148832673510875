// Drawn faces: the same for ever, in the contest's frame and with its gaps, and their points exact.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/check.h"
#include "data/contest.h"
#include "data/drawn/framing.h"
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

struct Portrait {
  std::array<uint8_t, contest::kPixels> pixels;
  Keypoints points, outline;  // the contest's and 300-W's
};

/// An evenly lit face that looks at the camera, sharp and without grain.
Portrait plain_portrait(Head head, Pose pose) {
  head.hair = Hair::kBald;
  head.hair_thickness = 0;
  Sitting sitting;
  sitting.head = head;
  sitting.pose = pose;
  sitting.light = {.towards = {0, 0, 1}, .ambient = 0.6f, .lamp = 0.4f, .gloss = 0, .shadow = 0, .hollows = 0};
  SeenPoints points = points_in_picture(head, pose);
  return {draw_portrait(sitting), std::move(points.contest15), std::move(points.ibug68)};
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
       {Row{49.918f, 56.206f, 93.974f}, Row{38.854f, 54.700f, 180.570f}, Row{51.720f, 63.518f, 68.454f}}) {
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
    CHECK(x(points, 0) > x(points, 1));      // eyes
    CHECK(x(points, 2) > x(points, 4));      // their inner corners
    CHECK(x(points, 3) > x(points, 2) - 1);  // outer beyond inner; in a profile the far eye is a line
    CHECK(x(points, 5) < x(points, 4) + 1);
    CHECK(x(points, 6) > x(points, 8));                // brows
    CHECK(x(points, 11) > x(points, 12));              // corners of the mouth
    auto above = [&](int inner, int outer, int eye) {  // across the line through both eyes
      const float ex = x(points, 0) - x(points, 1), ey = y(points, 0) - y(points, 1);
      const float dx = 0.5f * (x(points, inner) + x(points, outer)) - x(points, eye);
      return (0.5f * (y(points, inner) + y(points, outer)) - y(points, eye)) * ex < dx * ey;
    };
    CHECK(above(6, 7, 0));
    CHECK(above(8, 9, 1));
    CHECK(y(points, 10) > std::max(y(points, 0), y(points, 1)));
    CHECK(y(points, 13) > y(points, 10));
    CHECK(y(points, 14) > y(points, 13));
  }
}

TEST_CASE("faces are framed as the contest's are") {
  // Means of 1,555 complete rows of photographs in the contest's crops, in its order.
  const Keypoints kContest = {65.7f, 37.1f, 29.9f, 37.5f, 58.3f, 38.4f, 73.0f, 37.6f, 37.3f, 38.7f,
                              22.5f, 38.2f, 55.4f, 28.4f, 80.8f, 30.5f, 40.2f, 29.0f, 14.7f, 31.2f,
                              48.1f, 57.8f, 63.3f, 74.1f, 32.9f, 74.5f, 48.2f, 72.0f, 48.2f, 82.5f};
  for (int c = 0; c < contest::kCoordinates; ++c) {
    double sum = 0;
    for (const Keypoints& points : some_faces().keypoints) sum += points[c];
    CAPTURE(contest15().coordinate_names()[c]);
    CHECK(std::abs(sum / double(some_faces().size()) - kContest[c]) < 1.5);
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
    bool only_four = known == 4 && !std::isnan(points[0]) && !std::isnan(points[2]) && !std::isnan(points[20]) &&
                     !std::isnan(points[28]);
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
    for (float size : {0.9f, 1.1f}) {
      Head head;
      head.iris = 0.02f;
      head.catchlight = 0;
      head.brow_ridge = 0;
      Portrait portrait = plain_portrait(head, {.yaw = yaw, .pitch = 0.1f, .roll = -0.1f, .size = size});
      for (int k : {0, 1}) {
        float x = portrait.points[2 * k], y = portrait.points[2 * k + 1];
        auto [dark_x, dark_y] = dark_centre(portrait, x, y, 3, 60);
        CAPTURE(yaw);
        CAPTURE(size);
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
  head.brow_tone = 0.05f;
  head.brow_cover = 1;
  head.brow_thickness = 4;
  for (int k : {55, 56, 57, 58, 59, 65, 66, 67}) head.shape[k].y -= 3;  // the lips meet
  for (float yaw : {-0.25f, 0.0f, 0.25f}) {
    Portrait portrait = plain_portrait(head, {.yaw = yaw});
    for (auto [end, other] : {End{17, 19}, End{26, 24}, End{21, 19}, End{22, 24}, End{48, 54}, End{54, 48}}) {
      float x = portrait.outline[2 * end], y = portrait.outline[2 * end + 1];
      float dx = portrait.outline[2 * other] - x, dy = portrait.outline[2 * other + 1] - y;
      float length = std::hypot(dx, dy);
      auto along = [&](float px) {  // the darkest across the stroke, so many px from the end towards the other
        float darkest = 255;
        for (float aside : {-1.0f, 0.0f, 1.0f})
          darkest = std::min(darkest, tone_at(portrait, x + px * dx / length, y + px * dy / length + aside));
        return darkest;
      };
      CAPTURE(yaw);
      CAPTURE(end);
      CHECK(along(3) + 15 < along(-3));
    }
  }
}

TEST_CASE("the nose's tip is the foremost point of the face, and leads where the head turns") {
  const Head head;
  const Surface surface(head);
  const Place tip = head.shape[30];
  const float foremost = surface.on_face(tip).z;
  for (float aside : {-6.0f, -3.0f, 3.0f, 6.0f}) {
    CHECK(surface.on_face(tip + Place{aside, 0}).z < foremost);
    CHECK(surface.on_face(tip + Place{0, aside}).z < foremost);
  }
  auto nose_before_eyes = [&](float yaw) {
    Keypoints points = points_in_picture(head, {.yaw = yaw}).contest15;
    return points[20] - 0.5f * (points[0] + points[2]);
  };
  CHECK(std::abs(nose_before_eyes(0)) < 0.05f);
  CHECK(nose_before_eyes(0.3f) > 3);
  CHECK(nose_before_eyes(-0.3f) < -3);
}

TEST_CASE("the jaw's points follow the outline that is seen") {
  const Head head;
  for (float yaw : {-0.6f, 0.0f, 0.6f}) {
    Portrait portrait = plain_portrait(head, {.yaw = yaw});
    const Keypoints& p = portrait.outline;
    for (int k : {2, 3, 4, 12, 13, 14}) {  // in a head turned away, nothing of the face lies further out at that height
      const bool right = k < 8, away = right ? yaw < 0 : yaw > 0;
      if (!away) continue;
      const float outwards = right ? -1 : 1;
      CAPTURE(yaw);
      CAPTURE(k);
      for (int inner = 17; inner < 68; ++inner)
        if (std::abs(p[2 * inner + 1] - p[2 * k + 1]) < 3) CHECK(outwards * (p[2 * k] - p[2 * inner]) > 0);
    }
    for (int k = 1; k <= 8; ++k) CHECK(p[2 * k + 1] > p[2 * k - 1]);
    for (int k = 9; k <= 16; ++k) CHECK(p[2 * k + 1] < p[2 * k - 1]);
  }
}

TEST_CASE("faces vary as the contest's do") {
  // Of the contest's complete rows, turned and scaled to the eyes, in percent of their distance: mean and deviation of x and y.
  struct Measured {
    int point;
    float x, y, x_deviation, y_deviation;
  };
  constexpr Measured kMeasured[] = {{2, 29.3f, 3.4f, 2.8f, 2.1f},     {3, 70.3f, 1.7f, 3.3f, 2.5f},
                                    {6, 21.4f, -25.1f, 10.2f, 9.2f},  {7, 92.5f, -18.0f, 7.4f, 8.1f},
                                    {10, 0.4f, 57.0f, 16.1f, 13.2f},  {11, 42.3f, 103.5f, 9.6f, 12.0f},
                                    {13, -0.1f, 96.8f, 10.4f, 11.6f}, {14, -0.1f, 126.5f, 10.1f, 14.7f}};
  for (const Measured& real : kMeasured) {
    double sum[2] = {}, squares[2] = {};
    for (const Keypoints& p : some_faces().keypoints) {
      const double ex = p[0] - p[2], ey = p[1] - p[3], square = (ex * ex + ey * ey) / 100;
      const double dx = p[2 * real.point] - 0.5 * (p[0] + p[2]), dy = p[2 * real.point + 1] - 0.5 * (p[1] + p[3]);
      const double at[2] = {(dx * ex + dy * ey) / square, (dy * ex - dx * ey) / square};
      for (int i : {0, 1}) sum[i] += at[i], squares[i] += at[i] * at[i];
    }
    const double rows = double(some_faces().size());
    CAPTURE(real.point);
    for (int i : {0, 1}) {
      const double mean = sum[i] / rows, deviation = std::sqrt(squares[i] / rows - mean * mean);
      const double of = i ? real.y_deviation : real.x_deviation;
      CHECK(std::abs(mean - (i ? real.y : real.x)) < 2);
      CHECK(deviation > 0.4 * of);  // of the corners of the eyes half is the annotators
      CHECK(deviation < 2.2 * of);
    }
  }
}

TEST_CASE("one face has the points of either set, and of no other") {
  const Faces fifteen = synthetic_faces_complete(4, 3), more = synthetic_faces(4, 3, ibug68());
  CHECK(more.set == ibug68());
  for (const Keypoints& points : more.keypoints) {
    CHECK(points.size() == 136);
    CHECK(is_complete(points));
    CHECK(std::ranges::all_of(points, [](float v) { return v >= 2 && v <= contest::kSide - 3; }));
  }
  // The annotators of the contest's faces set brows and lips otherwise, by a px or two.
  const Head head;
  const SeenPoints seen = points_in_picture(head, {});
  const Keypoints means = means_of(means_between(ibug68(), contest15()), seen.ibug68);
  for (int c = 0; c < contest::kCoordinates; ++c) CHECK(std::abs(means[c] - seen.contest15[c]) < 2);
  for (int c : {0, 1, 2, 3, 20, 21}) CHECK(means[c] == seen.contest15[c]);
  const std::vector<int> some = {0, 1};
  CHECK_THROWS_AS(synthetic_faces(1, 1, subset_of(contest15(), some)), InputError);
}

}  // namespace lineament
