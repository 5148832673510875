// Pictures, drawings and charts: what is written reads back, what is drawn is where it was said to be.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <numeric>

#include "base/check.h"
#include "data/contest.h"
#include "data/drawn/synthetic.h"
#include "data/pictures/draw.h"
#include "data/pictures/picture.h"
#include "report/plots.h"
#include "report/sheet.h"
#include "tests/support.h"

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#include <stb/stb_image_write.h>

namespace lineament {
namespace {

Keypoints no_points() { return Keypoints(contest::kCoordinates, kMissing); }

Picture checkered(int width, int height, int channels) {
  Picture picture = plain_picture(width, height, channels);
  for (size_t i = 0; i < picture.pixels.size(); ++i) picture.pixels[i] = uint8_t(i * 37 % 251);
  return picture;
}

/// What an InputError says, or "" where none is thrown.
template <class Action>
std::string complaint(Action action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// False, and says so, where there is no gnuplot to draw with.
bool drawn(const std::function<void()>& plot) {
  try {
    plot();
  } catch (const RunError& error) {
    if (!contains(error.what(), "gnuplot-nox")) throw;
    test::skip("gnuplot is not installed");
    return false;
  }
  return true;
}

}  // namespace

TEST_CASE("a png reads back as it was written") {
  test::TemporaryFolder folder;
  for (int channels : {1, 3}) {
    Picture picture = checkered(7, 13, channels);
    write_png(folder / "it's a 'test'.png", picture);
    Picture back = read_picture(folder / "it's a 'test'.png");
    CHECK(back.width == 7);
    CHECK(back.height == 13);
    CHECK(back.channels == channels);
    CHECK(back.pixels == picture.pixels);
  }
}

TEST_CASE("a jpg is read in colour") {
  test::TemporaryFolder folder;
  Picture picture = plain_picture(33, 17, 3);
  for (size_t i = 0; i < picture.pixels.size(); i += 3) picture.pixels[i] = 200;  // red
  REQUIRE(stbi_write_jpg((folder / "red.jpg").c_str(), 33, 17, 3, picture.pixels.data(), 95));
  Picture back = read_picture(folder / "red.jpg");
  CHECK(back.channels == 3);
  CHECK(std::abs(back.at(16, 8, 0) - 200) < 8);
  CHECK(back.at(16, 8, 1) < 12);
}

TEST_CASE("a file that is no whole picture is refused by name") {
  test::TemporaryFolder folder;
  auto complaint_about = [&](const std::string& name) {
    return complaint([&] { read_picture(folder / name); });
  };
  CHECK(contains(complaint_about("none.jpg"), "none.jpg: no such file"));
  CHECK(contains(complaint_about("."), "a folder, expected a picture"));
  test::write_text(folder / "empty.png", "");
  CHECK(contains(complaint_about("empty.png"), "empty.png: empty"));
  test::write_text(folder / "text.jpg", "Image,1 2 3\n");
  CHECK(contains(complaint_about("text.jpg"), "text.jpg: not a picture"));

  Picture picture = checkered(61, 47, 3);
  REQUIRE(stbi_write_jpg((folder / "whole.jpg").c_str(), 61, 47, 3, picture.pixels.data(), 90));
  std::string jpg = test::read_text(folder / "whole.jpg");
  test::write_text(folder / "half.jpg", jpg.substr(0, jpg.size() / 2));
  CHECK(complaint_about("whole.jpg").empty());
  CHECK(contains(complaint_about("half.jpg"), "half.jpg: the picture is cut short"));
  write_png(folder / "whole.png", picture);
  std::string png = test::read_text(folder / "whole.png");
  test::write_text(folder / "half.png", png.substr(0, png.size() / 2));
  CHECK(contains(complaint_about("half.png"), "half.png: the picture is cut short"));
}

TEST_CASE("what follows a picture is none of it, and a picture is refused wherever it was cut") {
  test::TemporaryFolder folder;
  const Picture picture = checkered(40, 30, 3);
  REQUIRE(stbi_write_jpg((folder / "whole.jpg").c_str(), 40, 30, 3, picture.pixels.data(), 80));
  write_png(folder / "whole.png", picture);
  REQUIRE(stbi_write_bmp((folder / "whole.bmp").c_str(), 40, 30, 3, picture.pixels.data()));
  const std::string film = std::string("\0\0\0\x18" "ftypmp42", 12) + "\xff\xda\xff\xd8\xff\xd9\xff\xda film";
  for (const char* kind : {"jpg", "png", "bmp"}) {
    CAPTURE(kind);
    const std::string whole = test::read_text(folder / (std::string("whole.") + kind));
    const test::fs::path file = folder / (std::string("file.") + kind);
    test::write_text(file, whole);
    const std::vector<uint8_t> pixels = read_picture(file).pixels;
    test::write_text(file, whole + film);
    CHECK(read_picture(file).pixels == pixels);
    for (size_t bytes = 1; bytes < whole.size(); bytes += 1 + whole.size() / 97) {
      CAPTURE(bytes);
      test::write_text(file, whole.substr(0, bytes));
      CHECK(!complaint([&] { read_picture(file); }).empty());
      CHECK(!complaint([&] { read_picture(file, {.channels = 1}); }).empty());
    }
  }
}

TEST_CASE("a png that cannot be written leaves nothing behind") {
  test::TemporaryFolder folder;
  CHECK(!complaint([&] { write_png(folder / "no" / "such.png", checkered(3, 3, 1)); }).empty());
  CHECK(test::fs::is_empty(folder.path));
}

TEST_CASE("grey weighs red, green and blue as BT.601") {
  Picture picture = plain_picture(3, 1, 3);
  for (int c = 0; c < 3; ++c) picture.at(c, 0, c) = 255;
  CHECK(to_grey(picture).pixels == std::vector<uint8_t>{76, 150, 29});
  Picture grey = checkered(5, 3, 1);
  CHECK(to_grey(to_rgb(grey)).pixels == grey.pixels);
}

TEST_CASE("resizing keeps what is plain plain, and a picture of the same size") {
  for (auto [width, height] : {std::pair{96, 96}, {5, 3}, {1, 1}, {201, 7}}) {
    Picture resized = resize(plain_picture(17, 31, 3, 119), width, height);
    CHECK(resized.pixels == std::vector<uint8_t>(size_t(width) * height * 3, 119));
  }
  Picture picture = checkered(13, 11, 3);
  CHECK(resize(picture, 13, 11).pixels == picture.pixels);
}

TEST_CASE("shrinking misses no pixel, growing interpolates") {
  Picture dot = plain_picture(64, 64, 1);
  dot.at(30, 33) = 255;
  Picture small = resize(dot, 8, 8);  // the mean stays, whatever pixel the dot is
  int sum = std::accumulate(small.pixels.begin(), small.pixels.end(), 0);
  CHECK(std::abs(sum - 255.0 / 64) <= 4);
  CHECK(sum > 0);
  Picture two = plain_picture(2, 1, 1);
  two.pixels = {0, 100};
  CHECK(resize(two, 4, 1).pixels == std::vector<uint8_t>{0, 25, 75, 100});
}

TEST_CASE("a crop beyond the edge repeats it") {
  Picture picture = checkered(5, 4, 3);
  Picture cut = crop(picture, -2, 1, 9, 7);
  CHECK(cut.at(0, 0, 2) == picture.at(0, 1, 2));
  CHECK(cut.at(2, 2, 1) == picture.at(0, 3, 1));
  CHECK(cut.at(4, 1, 0) == picture.at(2, 2, 0));
  CHECK(cut.at(8, 6, 1) == picture.at(4, 3, 1));
}

TEST_CASE("a point is drawn around its place, to a fraction of a pixel") {
  for (auto [x, y] : {std::pair{20.0f, 31.0f}, {20.5f, 30.25f}, {33.8f, 12.4f}}) {
    for (float scale : {1.0f, 2.0f}) {
      Picture picture = plain_picture(96, 96, 3, 128);
      Keypoints points = no_points();
      points[4] = x, points[5] = y;
      draw_points(picture, points, {.colour = {255, 255, 255}, .scale_x = scale, .scale_y = scale});
      double sum = 0, sx = 0, sy = 0;
      for (int j = 0; j < 96; ++j) {
        for (int i = 0; i < 96; ++i) {
          double change = std::abs(picture.at(i, j) - 128);
          sum += change, sx += change * i, sy += change * j;
        }
      }
      CHECK(std::abs(sx / sum - ((x + 0.5) * scale - 0.5)) < 0.15);
      CHECK(std::abs(sy / sum - ((y + 0.5) * scale - 0.5)) < 0.15);
    }
  }
}

TEST_CASE("missing points are not drawn, and points outside do no harm") {
  Picture picture = plain_picture(31, 17, 3, 90), before = picture;
  draw_points(picture, no_points());
  CHECK(picture.pixels == before.pixels);
  Keypoints far = no_points();
  far[0] = -1e30f, far[1] = 5, far[2] = 1e9f, far[3] = 1e9f, far[4] = INFINITY, far[5] = 3;
  draw_points(picture, far);
  draw_links(picture, far, no_points());
  CHECK(picture.pixels == before.pixels);
  far[0] = 0, far[1] = 0;
  draw_points(picture, far);
  CHECK(picture.pixels != before.pixels);
}

TEST_CASE("a link joins two points") {
  Picture picture = plain_picture(41, 41, 3);
  Keypoints from = no_points(), to = no_points();
  from[0] = 5, from[1] = 20, to[0] = 35, to[1] = 20;
  draw_links(picture, from, to);
  CHECK(picture.at(20, 20, 0) > 200);
  CHECK(picture.at(20, 24, 0) == 0);
  CHECK(picture.at(2, 20, 0) == 0);
}

TEST_CASE("lines join the points that are there") {
  Picture picture = plain_picture(41, 41, 3);
  Keypoints points = no_points();
  points[0] = 5, points[1] = 20, points[2] = 35, points[3] = 20, points[4] = 20, points[5] = 5;
  draw_lines(picture, points, std::vector<std::array<int, 2>>{{0, 1}, {2, 3}});
  CHECK(picture.at(20, 20, 1) > 100);
  CHECK(picture.at(20, 5, 1) == 0);  // point 3 is missing
  Picture small = plain_picture(41, 41, 3), lined = small;
  draw_keypoints(small, points, contest15());
  CHECK(small.at(20, 20, 1) == 0);
  Keypoints many(size_t(ibug68().coordinates()), kMissing);
  std::ranges::copy(points, many.begin());
  draw_keypoints(lined, many, ibug68());
  CHECK(lined.at(12, 20, 1) > 100);
}

TEST_CASE("a sheet has a tile for each face, the truth green and predictions orange") {
  Faces faces = synthetic_faces_complete(5, 3);
  std::vector<size_t> rows = {4, 0, 3, 1, 2};
  Picture page = sheet(faces, rows, {}, {.columns = 3, .scale = 2, .gap = 5});
  CHECK(page.width == 3 * (192 + 5) + 5);
  CHECK(page.height == 2 * (192 + 5) + 5);
  CHECK(page.at(2, 2) == 255);
  CHECK(page.at(page.width - 20, page.height - 20) == 255);  // no sixth face
  auto pixel = [&](const Keypoints& points, int k, int c) {
    return int(page.at(5 + int(std::lround((points[2 * k] + 0.5f) * 2 - 0.5f)),
                       5 + int(std::lround((points[2 * k + 1] + 0.5f) * 2 - 0.5f)), c));
  };
  CHECK(pixel(faces.keypoints[4], 10, 1) >
        pixel(faces.keypoints[4], 10, 0) + 60);  // the nose of the first tile

  std::vector<Keypoints> predictions;
  for (size_t row : rows) {
    predictions.push_back(faces.keypoints[row]);
    for (float& v : predictions.back()) v += 4;
  }
  page = sheet(faces, rows, predictions, {.columns = 3, .scale = 2, .gap = 5});
  CHECK(pixel(faces.keypoints[4], 10, 1) > pixel(faces.keypoints[4], 10, 0) + 60);
  CHECK(pixel(predictions[0], 10, 0) > pixel(predictions[0], 10, 1) + 60);
}

namespace {

/// Faces of 300-W's points, every one of them a little further right and down; point k lacks in k rows.
Faces large_set(size_t rows, const PictureShape& shape) {
  Faces faces{.set = ibug68(), .shape = shape};
  faces.add_rows(rows);
  for (size_t row = 0; row < rows; ++row)
    for (int k = int(row); k < faces.set.size(); ++k)
      faces.keypoints[row][2 * k] = faces.keypoints[row][2 * k + 1] = float(k);
  return faces;
}

size_t occurrences(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = 0; (at = text.find(part, at)) != text.npos; at += part.size()) ++found;
  return found;
}

}  // namespace

TEST_CASE("a sheet has the pictures' own aspect and colours") {
  Faces faces = large_set(2, {.height = 96, .width = 48, .channels = 3});
  for (size_t i = 0; i < faces.pixels.size(); i += 3) faces.pixels[i] = 200;
  const std::vector<size_t> rows = {1, 0};
  const Picture page = sheet(faces, rows);
  CHECK(page.width == 2 * (144 + 6) + 6);
  CHECK(page.height == 288 + 2 * 6);
  CHECK(page.at(6 + 143, 8, 0) == 200);
  CHECK(page.at(6 + 143, 8, 1) == 0);
  faces = large_set(1, {.height = 512, .width = 512, .channels = 1});
  CHECK(sheet(faces, std::vector<size_t>{0}).width == 288 + 12);
}

TEST_CASE("gnuplot: charts of a large set show a part of it and say so") {
  const Faces faces = large_set(40, {.height = 128, .width = 256, .channels = 3});
  const Chart missing = missing_chart(faces), places = histogram_chart(faces);
  CHECK(contains(missing.script, "'48 others' 20"));
  CHECK(occurrences(missing.script, "\"95.0 %\"") == 1);  // point 1; the most often missing come first
  CHECK(contains(places.title, "15 of 68 keypoints of 40 faces"));
  CHECK(occurrences(places.script, "plot '-'") == 15);
  CHECK(contains(places.script, "set title 'jaw right 1'"));
  CHECK(contains(places.script, "set title 'mouth right inner bottom lip'"));
  CHECK(contains(places.script, "set xrange [0:256]"));
  CHECK(contains(places.script, "set boxwidth 4"));
  const Faces one = with_set(faces, subset_of(faces.set, std::vector<int>{3}));
  CHECK(occurrences(histogram_chart(one).script, "plot '-'") == 1);
  if (!drawn([&] { svg(missing); })) return;
  for (const Chart& chart : {places, missing_chart(one), histogram_chart(one)})
    CHECK_FALSE(svg(chart).empty());
}

TEST_CASE("gnuplot: an error curve climbs to the share of faces below its end") {
  const std::vector<FaceErrors> runs = {{"a", {0.0123, 0.05, 0.2, NAN}}, {"none", {}}};
  const Chart chart = error_curve_chart(runs);
  CHECK(contains(chart.script, "\n10 50\n"));
  CHECK(contains(chart.script, "\n0 0\n"));
  CHECK(contains(chart.script, "\n1.25 25\n"));
  if (drawn([&] { svg(chart); })) CHECK_FALSE(svg(error_curve_chart({})).empty());
}

TEST_CASE("gnuplot: charts are pictures of their size, whatever their path and title") {
  test::TemporaryFolder folder;
  auto path = folder / "it's \"a $(chart)\".png";
  Faces faces = synthetic_faces(31, 2);
  if (!drawn([&] { plot_missing(path, faces); })) return;
  Picture missing = read_picture(path);
  CHECK(missing.width == 1000);
  CHECK(missing.height == 600);
  plot_histograms(path, faces);
  Picture histograms = read_picture(path);
  CHECK(histograms.width == 1200);
  CHECK(histograms.height == 800);
  plot_curves(path, "it's \"one_two\"\n'\\", {{"loss", {1, 2, 3}, {9, NAN, 1}}, {"dev 'MSE'", {1}, {4}}},
              {.log_y = true});
  Picture curves = read_picture(path);
  CHECK(curves.width == 1000);
  CHECK(curves.height == 600);
  CHECK(std::distance(test::fs::directory_iterator(folder.path), {}) == 1);  // nothing left beside
}

TEST_CASE("gnuplot: charts of nothing are still charts") {
  test::TemporaryFolder folder;
  Faces faces = synthetic_faces(3, 2);
  for (Keypoints& points : faces.keypoints) points = no_points();
  if (!drawn([&] { plot_missing(folder / "missing.png", faces); })) return;
  plot_histograms(folder / "histograms.png", faces);
  plot_curves(folder / "none.png", "", {}, {});
  plot_curves(folder / "empty.png", "", {{"loss", {}, {}}, {"dev", {1, 2}, {NAN, -1}}}, {.log_y = true});
  for (const char* name : {"missing.png", "histograms.png", "none.png", "empty.png"})
    CHECK(read_picture(folder / name).channels == 3);
}

TEST_CASE("without gnuplot a chart fails and says what to install") {
  test::TemporaryFolder folder;
  std::string path = std::getenv("PATH");
  setenv("PATH", folder.path.c_str(), 1);
  std::string said;
  try {
    plot_missing(folder / "missing.png", synthetic_faces(3, 2));
  } catch (const RunError& error) {
    said = error.what();
  }
  setenv("PATH", path.c_str(), 1);
  CHECK(contains(said, "gnuplot-nox"));
  CHECK(test::fs::is_empty(folder.path));
}

}  // namespace lineament
