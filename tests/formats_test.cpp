// Labelled photographs in each format: what is written reads back, what is not as it should be is one clear line.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>

#include "base/check.h"
#include "data/formats/coco.h"
#include "data/formats/imglab.h"
#include "data/formats/path_csv.h"
#include "data/formats/pts.h"
#include "data/labelled_data.h"
#include "data/pictures/jpeg.h"
#include "tests/command_run.h"
#include "tests/support.h"

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#include <stb/stb_image_write.h>

namespace lineament {
namespace {

using test::fs::path;
using test::TemporaryFolder;
using test::write_text;

/// A picture without flat places, smooth enough for jpg.
Picture waves(int width, int height, int channels) {
  Picture picture = plain_picture(width, height, channels);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < channels; ++c)
        picture.at(x, y, c) = uint8_t(std::lround(128 + 50 * std::sin(0.11 * x + c) + 50 * std::cos(0.07 * y - c)));
  return picture;
}

void write_jpg(const path& file, const Picture& picture) {
  REQUIRE(stbi_write_jpg(file.c_str(), picture.width, picture.height, picture.channels, picture.pixels.data(), 95));
}

/// What an InputError says, from the name of the file on; "" where none is thrown.
template <class Action>
std::string complaint(const TemporaryFolder& folder, Action action) {
  try {
    action();
  } catch (const InputError& error) {
    const std::string said = error.what(), place = folder.path.string() + "/";
    CHECK(said.find('\n') == std::string::npos);
    return said.starts_with(place) ? said.substr(place.size()) : said;
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

bool same_value(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

/// The same faces to the bit; photographs may be named by other ways to the same file.
void check_same(const LabelledPhotographs& got, const LabelledPhotographs& want, bool boxes = true) {
  CHECK(got.set == want.set);
  REQUIRE(got.faces.size() == want.faces.size());
  for (size_t i = 0; i < want.faces.size(); ++i) {
    CAPTURE(i);
    const LabelledFace &a = got.faces[i], &b = want.faces[i];
    CHECK(test::fs::equivalent(a.photograph, b.photograph));
    CHECK(a.states == b.states);
    if (boxes) CHECK(a.box == b.box);
    CHECK(std::ranges::equal(a.points, b.points, same_value));
  }
}

LabelledFace face_of(std::string photograph, std::optional<FaceBox> box, std::vector<double> points) {
  LabelledFace face{.photograph = std::move(photograph), .box = box, .points = std::move(points), .states = {}};
  for (size_t i = 0; i < face.points.size(); i += 2)
    face.states.push_back(std::isnan(face.points[i]) ? PointState::missing : PointState::seen);
  return face;
}

const double kNone = std::nan("");

/// Two photographs, three faces of three points with a gap, a hidden point, and numbers that only all their digits say.
LabelledPhotographs three_faces(const TemporaryFolder& folder) {
  test::fs::create_directories(folder / "photos");
  write_jpg(folder / "photos/a b.jpg", waves(64, 48, 3));
  write_png(folder / "photos/c&d.png", waves(50, 70, 1));
  LabelledPhotographs labelled;
  labelled.set = keypoint_set_of("points3", {"left_eye", "right_eye", "chin"}, "test");
  const std::string a = (folder / "photos/a b.jpg").string(), c = (folder / "photos/c&d.png").string();
  labelled.faces = {face_of(a, FaceBox{1.1, 2.25, 30.3, 1.0 / 3}, {0.1, 0.2, 1e-7, 33.000000000000007, 12, 13}),
                    face_of(a, FaceBox{5, 6, 7, 8}, {-3.5, 2, kNone, kNone, 63.7, 47.3}),
                    face_of(c, FaceBox{0, 0, 50, 70}, {1.0 / 3, 2.0 / 3, 4, 5, 6, 7})};
  labelled.faces[2].states[1] = PointState::hidden;
  return labelled;
}

std::string pts_text(int said, int points, const std::string& end = "}\n") {
  std::string text = fmt::format("version: 1\nn_points:  {}\n{{\n", said);
  for (int k = 0; k < points; ++k) text += fmt::format("{}.5 {}\n", 1 + k, 2 + k);
  return text + end;
}

}  // namespace

TEST_CASE("csv and COCO say every bit of boxes, places, gaps and what is hidden") {
  const TemporaryFolder folder;
  const LabelledPhotographs labelled = three_faces(folder);
  write_path_csv(folder / "faces.csv", labelled);
  check_same(read_photographs(folder / "faces.csv"), labelled);
  test::fs::create_directories(folder / "deeper");
  write_coco(folder / "deeper/faces.json", labelled);
  check_same(read_photographs(folder / "deeper/faces.json"), labelled);
  CHECK(contains(test::read_text(folder / "deeper/faces.json"), "\"file_name\": \"../photos/a b.jpg\", \"width\": 64"));
  CHECK(contains(test::read_text(folder / "faces.csv"), "\nphotos/a b.jpg,5,6,7,8,-3.5,2,seen,,,,63.7,47.3,seen\n"));
}

TEST_CASE("imglab says places to half a pixel, and its boxes and gaps") {
  const TemporaryFolder folder;
  const LabelledPhotographs labelled = three_faces(folder);
  write_imglab(folder / "faces.xml", labelled);
  const LabelledPhotographs back = read_photographs(folder / "faces.xml");
  REQUIRE(back.faces.size() == 3);
  CHECK(back.set == labelled.set);
  CHECK(back.faces[1].box == FaceBox{5, 6, 7, 8});
  CHECK(back.faces[0].box == FaceBox{1, 2, 30, 1});
  for (size_t i = 0; i < 3; ++i) {
    CHECK(test::fs::equivalent(back.faces[i].photograph, labelled.faces[i].photograph));
    for (size_t c = 0; c < 6; ++c)
      CHECK((std::isnan(back.faces[i].points[c]) ? std::isnan(labelled.faces[i].points[c])
                                                 : std::abs(back.faces[i].points[c] - labelled.faces[i].points[c]) <= 0.5));
  }
  write_imglab(folder / "again.xml", back);
  CHECK(test::read_text(folder / "again.xml") == test::read_text(folder / "faces.xml"));
}

TEST_CASE("a face without a box has the extent of its points in imglab and COCO, and none in csv") {
  const TemporaryFolder folder;
  LabelledPhotographs labelled = three_faces(folder);
  for (LabelledFace& face : labelled.faces) face.box.reset();
  write_path_csv(folder / "faces.csv", labelled);
  check_same(read_photographs(folder / "faces.csv"), labelled);
  write_coco(folder / "faces.json", labelled);
  const LabelledPhotographs back = read_photographs(folder / "faces.json");
  check_same(back, labelled, false);
  for (size_t i = 0; i < 3; ++i) CHECK(back.faces[i].box == extent_of(labelled.faces[i].points));
  write_imglab(folder / "faces.xml", labelled);
  CHECK(read_photographs(folder / "faces.xml").faces[1].box == FaceBox{-4, 2, 67, 45});

  labelled.faces[0].box = FaceBox{1, 2, 3, 4};  // one of them alone
  write_path_csv(folder / "faces.csv", labelled);
  check_same(read_photographs(folder / "faces.csv"), labelled);
}

TEST_CASE("a folder of pts is read by its names, from 1, with its folders; pictures alone are counted") {
  const TemporaryFolder folder;
  test::fs::create_directories(folder / "in/b/c");
  for (const char* name : {"in/z.JPG", "in/b/c/a.jpeg", "in/alone.png", "in/a-1.png", "in/a.jpg"})
    name[std::string_view(name).size() - 2] == 'n' ? write_png(folder / name, waves(40, 40, 3))
                                                   : write_jpg(folder / name, waves(40, 40, 3));
  for (const char* name : {"in/z.pts", "in/b/c/a.PTS", "in/a-1.pts", "in/a.pts"}) write_text(folder / name, pts_text(3, 3));
  write_text(folder / "in/._z.pts", "what a Mac leaves behind");
  CHECK(holds_photographs(folder / "in"));
  const LabelledPhotographs labelled = read_photographs(folder / "in");
  std::vector<std::string> names;
  for (const LabelledFace& face : labelled.faces) names.push_back(path(face.photograph).lexically_relative(folder / "in"));
  CHECK(names == std::vector<std::string>{"a.jpg", "a-1.png", "b/c/a.jpeg", "z.JPG"});
  CHECK(labelled.set.points == std::vector<std::string>{"point_1", "point_2", "point_3"});
  CHECK(labelled.faces[0].points == std::vector<double>{0.5, 1, 1.5, 2, 2.5, 3});
  REQUIRE(labelled.notes.size() == 1);
  CHECK(contains(labelled.notes[0], "1 photographs without a .pts file left out"));

  const KeypointSet own = keypoint_set_of("mine", {"left", "right", "chin"}, "test");
  CHECK(read_photographs(folder / "in", own).set == own);
  CHECK(contains(complaint(folder, [&] { read_photographs(folder / "in", contest15()); }), "cannot answer contest15"));

  write_pts(folder / "out", labelled, folder / "in");
  const LabelledPhotographs back = read_photographs(folder / "out");
  REQUIRE(back.faces.size() == 4);
  for (size_t i = 0; i < 4; ++i) {
    CHECK(back.faces[i].points == labelled.faces[i].points);
    CHECK(!test::fs::equivalent(back.faces[i].photograph, labelled.faces[i].photograph));
    CHECK(test::read_text(back.faces[i].photograph) == test::read_text(labelled.faces[i].photograph));
  }
  CHECK(test::fs::exists(folder / "out/b/c/a.pts"));
  CHECK(contains(complaint(folder, [&] { write_pts(folder / "out", labelled, folder / "in"); }), "a folder with files in it"));
}

TEST_CASE("68 and 15 points of a .pts are those of the built-in sets, and give each other where they can") {
  const TemporaryFolder folder;
  write_png(folder / "a.png", waves(90, 90, 1));
  write_text(folder / "a.pts", pts_text(68, 68));
  CHECK(read_photographs(folder.path).set == ibug68());
  const LabelledPhotographs fifteen = read_photographs(folder.path, contest15());
  CHECK(fifteen.set == contest15());
  CHECK(fifteen.faces[0].points[0] == doctest::Approx(45));  // the mean of points 43 to 48
  CHECK(fifteen.faces[0].states[0] == PointState::seen);
  LabelledPhotographs gap = read_photographs(folder.path);
  gap.faces[0].states[43] = PointState::missing;
  gap.faces[0].points[86] = gap.faces[0].points[87] = kNone;
  gap.faces[0].states[30] = PointState::hidden;
  gap = with_set(gap, contest15());
  CHECK(gap.faces[0].states[0] == PointState::missing);
  CHECK(std::isnan(gap.faces[0].points[0]));
  CHECK(gap.faces[0].states[10] == PointState::hidden);
  write_text(folder / "a.pts", pts_text(15, 15));
  CHECK(read_photographs(folder.path).set == contest15());
}

TEST_CASE("pts of several faces in a photograph: a copy for each; of missing points: refused, nothing left behind") {
  const TemporaryFolder folder;
  LabelledPhotographs labelled = three_faces(folder);
  CHECK(contains(complaint(folder, [&] { write_pts(folder / "out", labelled, folder.path); }),
                 "photos/a b.jpg: 1 of its 3 points are missing, which .pts cannot say: write csv, imglab or coco"));
  CHECK(!test::fs::exists(folder / "out"));
  for (double& v : labelled.faces[1].points) v = 9;
  labelled.faces[1].states[1] = PointState::seen;
  write_pts(folder / "out", labelled, folder.path);
  CHECK(read_photographs(folder / "out").faces.size() == 3);
  CHECK(test::fs::exists(folder / "out/photos/a b_2.jpg"));
  test::fs::remove(folder / "photos/c&d.png");
  CHECK(contains(complaint(folder, [&] { write_pts(folder / "new", labelled, folder.path); }), "c&d.png: cannot be copied"));
  CHECK(std::distance(test::fs::directory_iterator(folder.path), {}) == 2);  // photos, out
}

TEST_CASE("a .pts that is not as it says is refused in one line") {
  const TemporaryFolder folder;
  write_png(folder / "a.png", waves(40, 40, 1));
  const auto said = [&](const std::string& text) {
    write_text(folder / "a.pts", text);
    return complaint(folder, [&] { read_photographs(folder.path); });
  };
  CHECK(said(pts_text(68, 68)) == "");
  CHECK(said("version: 1\r\nn_points: 1\r\n{\r\n  2\t3 \r\n}") == "");
  CHECK(said(pts_text(68, 67)) == "a.pts: 67 points, expected 68 as its n_points says");
  CHECK(said(pts_text(68, 69)) == "a.pts: 69 points, expected 68 as its n_points says");
  CHECK(said(pts_text(5, 5, "")) == "a.pts: no } at its end, it may be cut short");
  CHECK(said(pts_text(2, 1, "3 four\n}\n")) == "a.pts:5: \"3 four\", expected x and y of a point");
  CHECK(said(pts_text(2, 1, "nan nan\n}\n")) == "a.pts:5: \"nan nan\", expected x and y of a point");
  CHECK(said(pts_text(2, 1, "1e9 1\n}\n")) == "a.pts:5: \"1e9 1\", expected x and y of a point");
  CHECK(said(pts_text(2, 1, "3\n}\n")) == "a.pts:5: \"3\", expected x and y of a point");
  CHECK(said(pts_text(2, 1, "3 4 5\n}\n")) == "a.pts:5: \"3 4 5\", expected x and y of a point");
  CHECK(said(pts_text(1, 1, "}\nmore\n")) == "a.pts:6: \"more\", expected nothing after the }");
  CHECK(said(pts_text(513, 1)) == "a.pts:2: \"n_points:  513\", expected n_points: 1 to 512");
  CHECK(said("{\n1 2\n}\n") == "a.pts:1: no n_points before the points");
  CHECK(said("<svg/>") == "a.pts:1: \"<svg/>\", expected version, n_points or {");
  CHECK(said("") == "a.pts: no } at its end, it may be cut short");

  said(pts_text(5, 5));
  write_png(folder / "b.png", waves(40, 40, 1));
  write_text(folder / "b.pts", pts_text(6, 6));
  CHECK(contains(complaint(folder, [&] { read_photographs(folder.path); }), "b.pts: 6 points, expected 5 as in "));
  test::fs::remove(folder / "b.png");
  CHECK(contains(complaint(folder, [&] { read_photographs(folder.path); }), "b.pts: no photograph beside it"));
  write_png(folder / "b.png", waves(40, 40, 1));
  write_jpg(folder / "b.jpg", waves(40, 40, 1));
  CHECK(contains(complaint(folder, [&] { read_photographs(folder.path); }), "b.pts: two photographs beside it, b.jpg and b.png"));
}

TEST_CASE("columns of a csv go by their names, in any order; others are left out in one line that names them") {
  const TemporaryFolder folder;
  test::fs::create_directories(folder / "p");
  write_text(folder / "faces.CSV",
             ",chin_y,note,left_x,filename,left_y,chin_x,odd_x\n0,4,\"good\",1,p/a.jpg,2,3,\n1,,,5.25,/abs/b.jpg,6,,7\n");
  CHECK(holds_photographs(folder / "faces.CSV"));
  const LabelledPhotographs labelled = read_photographs(folder / "faces.CSV");
  CHECK(labelled.set.points == std::vector<std::string>{"left", "chin"});
  REQUIRE(labelled.faces.size() == 2);
  CHECK(labelled.faces[0].photograph == (folder / "p/a.jpg").string());
  CHECK(labelled.faces[1].photograph == "/abs/b.jpg");
  CHECK(labelled.faces[0].points == std::vector<double>{1, 2, 3, 4});
  CHECK(labelled.faces[1].states == std::vector{PointState::seen, PointState::missing});
  CHECK(!labelled.faces[1].box);
  REQUIRE(labelled.notes.size() == 1);
  CHECK(contains(labelled.notes[0], "faces.CSV: columns left out: \"\", \"note\", \"odd_x\""));
  const KeypointSet more = keypoint_set_of("mine", {"brow", "chin", "left"}, "test");  // one was never labelled
  CHECK(read_photographs(folder / "faces.CSV", more).faces[0].states[0] == PointState::missing);
  CHECK(read_photographs(folder / "faces.CSV", more).faces[0].points[2] == 3);
}

TEST_CASE("a csv of pixels is no csv of paths") {
  const TemporaryFolder folder;
  write_text(folder / "pixels.csv", "nose_x,nose_y,Image\n1,2,0 12 255\n");
  write_text(folder / "paths.csv", "nose_x,nose_y,Image\n1,2,face.png\n");
  write_text(folder / "none.csv", "nose_x,nose_y\n1,2\n");
  CHECK(!holds_photographs(folder / "pixels.csv"));
  CHECK(!holds_photographs(folder / "none.csv"));
  CHECK(!holds_photographs(folder / "nowhere.csv"));
  CHECK(!holds_photographs(folder.path));
  CHECK(holds_photographs(folder / "nowhere.JSON"));
  CHECK(holds_photographs(folder / "paths.csv"));
  CHECK(read_photographs(folder / "paths.csv").faces.size() == 1);
  CHECK(contains(complaint(folder, [&] { read_photographs(folder / "pixels.csv"); }), "no column of picture paths"));
}

TEST_CASE("a row of a csv that is not as expected is refused by its line") {
  const TemporaryFolder folder;
  const auto said = [&](const std::string& header, const std::string& row) {
    write_text(folder / "a.csv", header + "\n" + row + "\n");
    return complaint(folder, [&] { read_path_csv(folder / "a.csv"); });
  };
  const std::string box = "path,n_x,n_y,box_x,box_y,box_width,box_height";
  CHECK(said("path,n_x,n_y", "a.jpg,1,2") == "");
  CHECK(said("path,n_x,n_y", "a.jpg,1,") ==
        "a.csv:2: column n_y is \"\", expected px, or nothing in both columns of a point");
  CHECK(contains(said("path,n_x,n_y", "a.jpg,1,two"), "a.csv:2: column n_y is \"two\", expected px"));
  CHECK(contains(said("path,n_x,n_y", "a.jpg,1,nan"), "a.csv:2: column n_y is \"nan\", expected px"));
  CHECK(contains(said("path,n_x,n_y", "a.jpg,1e7,1"), "a.csv:2: column n_x is \"1e7\", expected px"));
  CHECK(contains(said("path,n_x,n_y", ",1,2"), "a.csv:2: column path is \"\", expected the path of a photograph"));
  CHECK(contains(said("path,n_x,n_y", "a.jpg,1"), "a.csv:2: 2 fields, expected 3"));
  CHECK(contains(said("path,n_x,n_y,n_state", "a.jpg,1,2,3"), "a.csv:2: column n_state is \"3\", expected seen, hidden"));
  CHECK(said(box, "a.jpg,1,2,,,,") == "");
  CHECK(said(box, "a.jpg,1,2,0,0,0,9") == "a.csv:2: a box of 0x9 px has no area");
  CHECK(contains(said(box, "a.jpg,1,2,0,,5,9"), "a.csv:2: column box_y is \"\""));
  CHECK(contains(said("path,n_x,n_y,box_x,box_y", "a.jpg,1,2,3,4"), "come together or not at all"));
  CHECK(contains(said("path,n_x", "a.jpg,1"), "no columns NAME_x and NAME_y"));

  LabelledPhotographs labelled = three_faces(folder);
  labelled.faces[0].photograph = (folder / "a,b.jpg").string();
  CHECK(contains(complaint(folder, [&] { write_path_csv(folder / "b.csv", labelled); }), "a comma, a quote"));
  CHECK(!test::fs::exists(folder / "b.csv"));
}

TEST_CASE("numbers of imglab's parts are the points of a set with as many") {
  const TemporaryFolder folder;
  const auto file = [&](int first, int count) {
    std::string parts;
    for (int k = count - 1; k >= 0; --k) parts += fmt::format("<part name='{:02}' x='{}' y='{}'/>", first + k, k, 2 * k);
    write_text(folder / "a.xml", "<?xml version='1.0' encoding='ISO-8859-1'?>\n<dataset><images><image file='a.jpg'>"
                                 "<box top='1' left='2' width='3' height='4'>" + parts + "</box>"
                                 "<box top='1' left='2' width='0' height='4' ignore='1'/>"
                                 "<box top='5' left='6' width='7' height='8'/></image></images></dataset>");
    return folder / "a.xml";
  };
  for (int first : {0, 1}) {
    const LabelledPhotographs labelled = read_photographs(file(first, 68));
    CHECK(labelled.set == ibug68());
    REQUIRE(labelled.faces.size() == 2);
    CHECK(labelled.faces[0].box == FaceBox{2, 1, 3, 4});
    CHECK(labelled.faces[0].points[2 * 67] == 67);
    CHECK(labelled.faces[0].points[2 * 67 + 1] == 134);
    CHECK(labelled.faces[1].states[0] == PointState::missing);
    CHECK(labelled.faces[1].photograph == (folder / "a.jpg").string());
  }
  const KeypointSet own = keypoint_set_of("mine", {"left", "right", "chin"}, "test");
  CHECK(read_photographs(file(0, 3), own).faces[0].points == std::vector<double>{0, 0, 1, 2, 2, 4});
  CHECK(read_photographs(file(0, 15)).set == contest15());
  CHECK(read_photographs(file(2, 3)).set.points == std::vector<std::string>{"04", "03", "02"});  // no such numbers

  LabelledPhotographs labelled = read_photographs(file(0, 68));
  write_imglab(folder / "b.xml", labelled);
  CHECK(contains(test::read_text(folder / "b.xml"), "<part name=\"67\" x=\"67\" y=\"134\" />"));
  CHECK(read_photographs(folder / "b.xml").set == ibug68());
}

TEST_CASE("what is no imglab file, or not as it should be, is refused in one line") {
  const TemporaryFolder folder;
  const auto said = [&](const std::string& text, const std::optional<KeypointSet>& set = {}) {
    write_text(folder / "a.xml", text);
    return complaint(folder, [&] { read_photographs(folder / "a.xml", set); });
  };
  const auto box = [&](const std::string& inner) {
    return "<dataset><images><image file='b.jpg'>" + inner + "</image></images></dataset>";
  };
  const std::string good = "<box top='1' left='2' width='3' height='4'><part name='n' x='1' y='2'/></box>";
  CHECK(said(box(good)) == "");
  CHECK(contains(said("<html><body/></html>"), "a.xml: no imglab file, expected <dataset>"));
  CHECK(contains(said("top,left\n1,2\n"), "a.xml: is no XML"));
  CHECK(contains(said(""), "a.xml: is no XML"));
  CHECK(contains(said(box(good).substr(0, 90)), "a.xml: is no XML"));
  CHECK(contains(said("<dataset><images/></dataset>"), "a.xml: no boxes"));
  CHECK(said(box("<box top='1' left='2' width='0' height='4'/>")) == "a.xml: b.jpg: a box of 0x4 px has no area");
  CHECK(said(box("<box top='1' left='2' width='3' height='-4'/>")) == "a.xml: b.jpg: a box of 3x-4 px has no area");
  CHECK(said(box("<box top='1' left='2' width='3'/>")) == "a.xml: b.jpg: a box whose height is not there, expected px");
  CHECK(contains(said(box("<box top='x' left='2' width='3' height='4'/>")), "b.jpg: a box whose top is \"x\", expected px"));
  const std::string open = "<box top='1' left='2' width='3' height='4'>";
  CHECK(contains(said(box(open + "<part name='n' x='1'/></box>")), "b.jpg: a part whose y is not there"));
  CHECK(contains(said(box(open + "<part name='n' x='1' y='2'/><part name='n' x='1' y='2'/></box>")), "part \"n\" comes twice"));
  CHECK(contains(said(box(open + "</box>")), "a.xml: no keypoints"));
  CHECK(contains(said(box(open + "<part x='1' y='2'/></box>")), "has no name"));
  CHECK(contains(said("<dataset><images><image>" + good + "</image></images></dataset>"), "the photograph's path is \"\""));
  CHECK(contains(said("<dataset><images><image file='a&#10;b'>" + good + "</image></images></dataset>"), "path is \"a?b\""));
}

TEST_CASE("an XML bomb is not expanded, nor is a file from elsewhere read") {
  const TemporaryFolder folder;
  std::string bomb = "<?xml version='1.0'?><!DOCTYPE dataset [<!ENTITY a0 'ha'><!ENTITY file SYSTEM 'file:///etc/passwd'>";
  for (int i = 1; i < 40; ++i) bomb += fmt::format("<!ENTITY a{} '&a{};&a{};'>", i, i - 1, i - 1);
  bomb += "]><dataset><name>&a39;</name><images><image file='&a39;&file;.jpg'>"
          "<box top='1' left='2' width='3' height='4'><part name='&a39;' x='1' y='2'/></box></image></images></dataset>";
  write_text(folder / "bomb.xml", bomb);
  const LabelledPhotographs labelled = read_photographs(folder / "bomb.xml");
  CHECK(labelled.faces.at(0).photograph == (folder / "&a39;&file;.jpg").string());
  std::string deep = "<dataset><images>";
  for (int i = 0; i < 100'000; ++i) deep += "<image>";
  write_text(folder / "deep.xml", deep);
  CHECK(contains(complaint(folder, [&] { read_photographs(folder / "deep.xml"); }), "deep.xml: is no XML"));
}

namespace {

const std::string kImages = R"("images": [{"id": 7, "file_name": "a.jpg"}])";
const std::string kCategories = R"("categories": [{"id": 1, "name": "face", "keypoints": ["left", "right"], "skeleton": [[1, 2]]}])";

std::string coco(const std::string& annotation, const std::string& images = kImages,
                 const std::string& categories = kCategories) {
  return fmt::format("{{{}, {}, \"annotations\": [{}]}}", images, categories, annotation);
}

const std::string kGood = R"({"id": 3, "image_id": 7, "category_id": 1, "keypoints": [1, 2, 2, 3.5, 4, 1], "bbox": [0.5, 1, 9, 8]})";

}  // namespace

TEST_CASE("COCO's faces are read with their states, boxes and lines; what has no keypoints is left out and counted") {
  const TemporaryFolder folder;
  test::fs::create_directories(folder / "images");
  write_text(folder / "images/b.jpg", "");
  const std::string none = R"({"id": 4, "image_id": 7, "category_id": 1, "bbox": [0, 0, 0, 0]})",
                    zero = R"({"id": 5, "image_id": 7, "category_id": 1, "num_keypoints": 0, "keypoints": [0,0,0,0,0,0]})",
                    all_missing = R"({"id": 6, "image_id": 7, "category_id": 1, "keypoints": [5,5,0,0,0,0]})",
                    other = R"({"id": 7, "image_id": 7, "category_id": 2})",
                    second = R"({"id": 8, "image_id": 9, "category_id": 1, "keypoints": [5,5,0,1,2,2]})";
  write_text(folder / "a.json",
             coco(fmt::format("{}, {}, {}, {}, {}, {}", kGood, none, zero, all_missing, other, second),
                  R"("images": [{"id": 7, "file_name": "a.jpg"}, {"id": 9, "file_name": "b.jpg"}])",
                  R"("categories": [{"id": 2, "name": "cat"}, {"id": 1, "name": "face", "keypoints": ["left", "right"],
                     "skeleton": [[2, 1]]}, {"id": 3, "name": "hand", "keypoints": ["thumb"]}])"));
  const LabelledPhotographs labelled = read_photographs(folder / "a.json");
  REQUIRE(labelled.faces.size() == 2);
  CHECK(labelled.set.points == std::vector<std::string>{"left", "right"});
  CHECK(labelled.set.mirror == std::vector<int>{1, 0});
  CHECK(labelled.set.lines == std::vector<std::array<int, 2>>{{1, 0}});
  CHECK(labelled.faces[0].points == std::vector<double>{1, 2, 3.5, 4});
  CHECK(labelled.faces[0].states == std::vector{PointState::seen, PointState::hidden});
  CHECK(labelled.faces[0].box == FaceBox{0.5, 1, 9, 8});
  CHECK(labelled.faces[1].states == std::vector{PointState::missing, PointState::seen});
  CHECK(!labelled.faces[1].box);
  CHECK(labelled.faces[0].photograph == (folder / "a.jpg").string());
  CHECK(labelled.faces[1].photograph == (folder / "images/b.jpg").string());
  REQUIRE(labelled.notes.size() == 3);
  CHECK(contains(labelled.notes[0], "categories left out: \"cat\", \"hand\""));
  CHECK(contains(labelled.notes[1], "3 annotations without keypoints left out"));
  CHECK(contains(labelled.notes[2], "1 annotations of other categories left out"));
}

TEST_CASE("what is no COCO file, or not as it should be, is refused in one line") {
  const TemporaryFolder folder;
  const auto said = [&](const std::string& text) {
    write_text(folder / "a.json", text);
    return complaint(folder, [&] { read_photographs(folder / "a.json"); });
  };
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string text = kGood;
    return said(coco(text.replace(text.find(from), from.size(), to)));
  };
  CHECK(said(coco(kGood)) == "");
  CHECK(contains(said("[]"), "a.json: no COCO file"));
  CHECK(contains(said("{"), "a.json: is no JSON"));
  CHECK(contains(said("{}"), "a.json: the file has no \"categories\""));
  CHECK(contains(said(coco(R"({"id": 1, "image_id": 7, "category_id": 1})")), "a.json: no annotation with keypoints"));
  CHECK(contains(said(coco("")), "a.json: no annotation with keypoints"));
  CHECK(contains(said(coco(kGood, kImages, R"("categories": [{"id": 1, "name": "cat"}])")), "no category with \"keypoints\""));
  CHECK(replaced("\"image_id\": 7", "\"image_id\": 8") == "a.json: annotation 3 is of image 8, which is not in the file");
  CHECK(contains(replaced("\"category_id\": 1", "\"category_id\": 8"), "annotation 3 is of category 8, which is not"));
  CHECK(contains(replaced("\"image_id\": 7, ", ""), "annotation 3 has no \"image_id\""));
  CHECK(contains(replaced("4, 1]", "4]"), "annotation 3 has 5 numbers for its keypoints, expected 6"));
  CHECK(contains(replaced("4, 1]", "4, 3]"), "annotation 3 says 3 of keypoint 2, expected 0 (missing), 1"));
  CHECK(contains(replaced("3.5", "\"x\""), "\"keypoints\" of annotation 3 has \"x\", expected px"));
  CHECK(contains(replaced("3.5", "1e300"), "expected px"));
  CHECK(contains(replaced("9, 8]", "9, 0]"), "annotation 3 has a box of no area"));
  CHECK(contains(replaced("9, 8]", "9]"), "\"bbox\" of annotation 3"));
  CHECK(contains(said(coco(kGood, kImages, R"("categories": [{"id": 1, "keypoints": ["a", "a"]}])")), "keypoint a comes twice"));
  CHECK(contains(said(coco(kGood, kImages, R"("categories": [{"id": 1, "keypoints": ["a", "b"], "skeleton": [[0, 1]]}])")),
                 "\"skeleton\" has [0,1], expected pairs of points counted from 1 to 2"));
  CHECK(contains(said(coco(kGood, R"("images": [{"id": 7, "file_name": "a\nb"}])")), "photograph's path is \"a?b\""));
  CHECK(contains(said(coco(kGood, R"("images": [{"id": 7, "file_name": "a"}, {"id": 7, "file_name": "b"}])")), "image 7 comes twice"));
  std::string deep = "{\"images\": ";
  for (int i = 0; i < 100'000; ++i) deep += "[";
  CHECK(contains(said(deep), "a.json: nested deeper than"));
}

TEST_CASE("a jpg comes as fine as it is asked for, in the colours that are asked for") {
  const TemporaryFolder folder;
  const Picture picture = waves(203, 101, 3);
  write_jpg(folder / "a.jpg", picture);
  const std::string bytes = test::read_text(folder / "a.jpg");
  CHECK(read_picture_size(folder / "a.jpg") == PictureSize{203, 101});
  for (const auto& [most, want] : {std::pair{0.3, 1}, {1.99, 1}, {2.0, 2}, {7.9, 4}, {8.0, 8}, {1e9, 8}}) {
    for (const int channels : {0, 1, 3}) {
      const double asked = most;
      const DecodedPicture decoded = decode_jpeg(
          bytes, "a.jpg", {.channels = channels, .reduction = [&](PictureSize stored) { return stored.width == 203 ? asked : 0; }});
      CHECK(decoded.reduction == want);
      CHECK(decoded.stored == PictureSize{203, 101});
      CHECK(decoded.picture.width == (203 + want - 1) / want);
      CHECK(decoded.picture.height == (101 + want - 1) / want);
      CHECK(decoded.picture.channels == (channels == 1 ? 1 : 3));
      // pixel x is the mean of the stored ones from x * want on
      const int x = 80 / want, y = 40 / want;
      double sum = 0;
      for (int j = 0; j < want; ++j)
        for (int i = 0; i < want; ++i) {
          const uint8_t* p = &picture.pixels[3 * (size_t(y * want + j) * 203 + size_t(x * want + i))];
          sum += channels == 1 ? 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2] : p[0];
        }
      CHECK(std::abs(decoded.picture.at(x, y) - sum / (want * want)) < 4);
    }
  }
  write_jpg(folder / "grey.jpg", waves(31, 17, 1));
  CHECK(read_picture(folder / "grey.jpg", {.channels = 3}).picture.channels == 3);
}

TEST_CASE("a jpg that is cut anywhere or damaged is refused, one with bytes behind it is not") {
  const TemporaryFolder folder;
  write_jpg(folder / "a.jpg", waves(61, 47, 3));
  const std::string whole = test::read_text(folder / "a.jpg");
  const auto said = [&](const std::string& bytes) {
    return complaint(folder, [&] { decode_jpeg(bytes, "a.jpg"); });
  };
  CHECK(said(whole) == "");
  CHECK(said(whole + "and more \xff\xd8\xff") == "");
  for (const size_t length : {size_t{3}, size_t{20}, whole.size() / 3, whole.size() / 2, whole.size() - 20, whole.size() - 2})
    CHECK(contains(said(whole.substr(0, length)), "a.jpg: the picture is "));
  CHECK(said(whole.substr(0, whole.size() - 2)) == "a.jpg: the picture is cut short");
  const size_t middle = whole.size() * 2 / 3;
  CHECK(contains(said(whole.substr(0, middle) + whole.substr(middle + whole.size() / 6)), "a.jpg: the picture is damaged ("));
  std::string huge = whole;  // says that it has 65,500 pixels each way
  const size_t frame = huge.find("\xff\xc0");
  for (const size_t at : {frame + 5, frame + 7}) huge[at] = '\xff', huge[at + 1] = '\xdc';
  CHECK(contains(said(huge), "65500x65500 pixels, at most 100 million can be read"));
}

TEST_CASE("boxes take their margin, then the picture's aspect, about their middle") {
  const FaceBox box = with_margin({10, 20, 40, 20}, 0.5f, {.height = 96, .width = 96});
  CHECK(box == FaceBox{0, 0, 60, 60});
  CHECK(with_margin({0, 0, 10, 40}, 0, {.height = 64, .width = 128}) == FaceBox{5 - 40, 0, 80, 40});
  CHECK(extent_of(std::vector<double>{1, 2, kNone, kNone, -3, 7.5}) == FaceBox{-3, 2, 4, 5.5});
  CHECK(!extent_of(std::vector<double>{kNone, kNone}));
  const CropMap map{{-3, 2, 4, 5.5}, {.height = 32, .width = 64}};
  CHECK(map.x(-3) == -0.5);
  CHECK(map.y(7.5) == 31.5);
  CHECK(map.photo_x(map.x(0.3)) == doctest::Approx(0.3));
}

TEST_CASE("a cut of whole pixels is a crop, edges replicated; a whole picture is only resized") {
  const Picture picture = waves(23, 17, 3);
  CHECK(cut(picture, {2.5, 3.5, 9, 7}, 9, 7).pixels == crop(picture, 3, 4, 9, 7).pixels);
  CHECK(cut(picture, {-4.5, -3.5, 40, 33}, 40, 33).pixels == crop(picture, -4, -3, 40, 33).pixels);
  CHECK(cut(picture, {100.2, -99.7, 3.3, 4.1}, 5, 3).pixels == crop(picture, 22, -9, 5, 3).pixels);  // all of it outside
  const Picture far = cut(picture, {-1e6, -1e6, 2e6, 2e6}, 3, 3);
  CHECK(far.at(0, 0) == picture.at(0, 0));
  CHECK(far.at(2, 2) == picture.at(22, 16));
  const Picture small = resize(picture, 7, 5), same = cut(picture, {-0.5, -0.5, 23, 17}, 7, 5);
  for (int y = 1; y < 4; ++y)
    for (int x = 1; x < 6; ++x) CHECK(small.at(x, y, 1) == same.at(x, y, 1));
}

TEST_CASE("faces are cut out where their points say they are, however fine their photograph is decoded") {
  const TemporaryFolder folder;
  Picture picture = plain_picture(640, 512, 3, 40);  // a blot where each point is
  const std::vector<double> points = {211.3, 160.2, 402.7, 175.9, 300.4, 371.6};
  for (size_t k = 0; k < 3; ++k)
    for (int y = 0; y < 512; ++y)
      for (int x = 0; x < 640; ++x) {
        const double far = std::hypot(x - points[2 * k], y - points[2 * k + 1]);
        for (int c = 0; c < 3; ++c)
          picture.at(x, y, c) = uint8_t(std::lround(picture.at(x, y, c) + 200 * std::exp(-far * far / 200)));
      }
  write_png(folder / "a.png", picture);
  write_jpg(folder / "a.jpg", picture);
  LabelledPhotographs labelled;
  labelled.set = keypoint_set_of("points3", {"left", "right", "chin"}, "test");
  for (const char* name : {"a.png", "a.jpg"}) {
    labelled.faces.push_back(face_of((folder / name).string(), FaceBox{150.3, 100.1, 320, 300}, points));
    labelled.faces.push_back(face_of((folder / name).string(), {}, points));
  }
  for (const PictureShape shape : {PictureShape{300, 260, 3}, {96, 96, 1}, {32, 48, 3}, {64, 40, 1}}) {
    for (const CropFrom from : {CropFrom::whole, CropFrom::points, CropFrom::box}) {
      CutReport report;
      const Faces faces = cut_faces(labelled, shape, {.from = from, .margin = 0.6f}, report);
      REQUIRE(faces.size() == 4);
      CHECK(report.outside == 0);
      CHECK(faces.shape == shape);
      CHECK(faces.ids == std::vector<int>{1, 2, 3, 4});
      CHECK(faces.names == std::vector<std::string>{"a", "a", "a", "a"});
      for (size_t row = 0; row < 4; ++row)
        for (size_t k = 0; k < 3; ++k) {
          const double px = faces.keypoints[row][2 * k], py = faces.keypoints[row][2 * k + 1];
          double sum = 0, sx = 0, sy = 0;
          const double reach = 0.08 * shape.width;
          for (int y = 0; y < shape.height; ++y)
            for (int x = 0; x < shape.width; ++x)
              if (std::hypot(x - px, y - py) < reach) {
                const double light = std::max(0, faces.image(row)[(size_t(y) * shape.width + x) * shape.channels] - 44);
                sum += light, sx += light * x, sy += light * y;
              }
          CAPTURE(row);
          REQUIRE(sum > 0);
          CHECK(std::abs(sx / sum - px) < 0.25);
          CHECK(std::abs(sy / sum - py) < 0.25);
        }
    }
  }
}

TEST_CASE("points outside their photograph are kept and counted") {
  const TemporaryFolder folder;
  write_png(folder / "a.png", waves(40, 30, 1));
  LabelledPhotographs labelled;
  labelled.set = keypoint_set_of("points4", {"a", "b", "c", "d"}, "test");
  labelled.faces = {face_of((folder / "a.png").string(), {}, {-0.4, -0.4, 39.4, 29.4, 39.6, 3, 5, -0.6}),
                    face_of((folder / "a.png").string(), {}, {1, 2, kNone, kNone, 30, 20, 50, 60})};
  CutReport report;
  const Faces faces = cut_faces(labelled, {32, 32, 1}, {.from = CropFrom::points}, report);
  CHECK(report.outside == 3);
  CHECK(std::isfinite(faces.keypoints[1][6]));
  CHECK(std::isnan(faces.keypoints[1][2]));
}

TEST_CASE("a photograph that is missing or damaged, and a face that is nowhere, are named; the first row's complaint is said") {
  const TemporaryFolder folder;
  LabelledPhotographs labelled = three_faces(folder);
  CutReport report;
  const auto said = [&](CropFrom from) {
    return complaint(folder, [&] { cut_faces(labelled, {32, 32, 3}, {.from = from}, report); });
  };
  CHECK(said(CropFrom::whole) == "");
  const std::string jpg = test::read_text(folder / "photos/a b.jpg");
  for (int i = 0; i < 20; ++i) {
    write_text(folder / fmt::format("cut{}.jpg", i), jpg.substr(0, jpg.size() / 2));
    labelled.faces.push_back(face_of((folder / fmt::format("cut{}.jpg", i)).string(), FaceBox{0, 0, 9, 9}, {1, 2, 3, 4, 5, 6}));
  }
  CHECK(said(CropFrom::points) == "cut0.jpg: the picture is cut short");
  labelled.faces[2].photograph = (folder / "nowhere.png").string();
  CHECK(contains(said(CropFrom::points), "nowhere.png: no such file"));
  labelled.faces[1] = face_of((folder / "photos/a b.jpg").string(), FaceBox{1, 1, 0, 5}, {3, 3, kNone, kNone, 3, 3});
  CHECK(contains(said(CropFrom::points), "photos/a b.jpg: a face with neither points nor a box of any area"));
  CHECK(contains(said(CropFrom::box), "photos/a b.jpg: a face with neither points nor a box of any area"));
}

TEST_CASE("convert writes every format from every other, and never over what it reads") {
  const TemporaryFolder folder;
  write_path_csv(folder / "faces.csv", three_faces(folder));
  for (const char* step : {"faces.csv --to coco --out a.json", "a.json --to imglab --out b.xml", "b.xml --to csv --out c.csv"}) {
    const test::Outcome outcome = test::run(folder, fmt::format("convert {}", step));
    CAPTURE(outcome.err);
    CHECK(outcome.code == 0);
    CHECK(contains(outcome.out, "3 faces of 3 points (points3) in 2 photographs"));
  }
  CHECK(test::fs::equivalent(read_photographs(folder / "c.csv").faces[2].photograph, folder / "photos/c&d.png"));
  test::check_refused(folder, "convert faces.csv --to pts --out p", "points are missing, which .pts cannot say");
  CHECK(!test::fs::exists(folder / "p"));
  test::check_refused(folder, "convert faces.csv --to csv --out ./faces.csv", "will not be replaced");
  test::check_refused(folder, "convert faces.csv --to coco --out a.csv", "expected the name of a file .json");
  test::check_refused(folder, "convert faces.csv --to yolo --out a.json", "expected one of csv, pts, imglab, coco");
  test::check_refused(folder, "convert faces.csv --to coco --out x.json --points contest15", "cannot answer contest15");
  test::check_refused(folder, "convert nowhere.json --to csv --out x.csv", "nowhere.json: no such file");
  CHECK(!test::fs::exists(folder / "x.json"));

  test::fs::create_directories(folder / "in/sub");
  write_jpg(folder / "in/sub/a.jpg", waves(80, 80, 3));
  write_text(folder / "in/sub/a.pts", pts_text(68, 68));
  CHECK(test::run(folder, "convert in --to pts --out new --points contest15").code == 0);
  CHECK(read_photographs(folder / "new").set == contest15());
  CHECK(test::fs::exists(folder / "new/sub/a.jpg"));
  test::check_refused(folder, "convert in --to pts --out new", "a folder with files in it");
  test::check_refused(folder, "convert in --to pts --out in", "will not be replaced");
  CHECK(test::run(folder, "convert in --to csv --out in/labels.csv").code == 0);
  test::check_refused(folder, "convert in --to csv --out in/labels.csv", "will not be replaced");
}

TEST_CASE("convert makes pictures of the contest's pixels") {
  const TemporaryFolder folder;
  std::string header, row, pixels = "0";
  for (const std::string& name : contest15().coordinate_names()) header += name + ",", row += "10.3333333333333339,";
  for (int i = 1; i < 96 * 96; ++i) pixels += fmt::format(" {}", i % 256);
  const std::string gap = row.substr(0, row.size() - 2 * 20) + ",,";
  write_text(folder / "training.csv", header + "Image\n" + row + pixels + "\n" + gap + pixels + "\n");
  for (const char* to : {"--to coco --out a.json", "--to csv --out b.csv", "--to imglab --out c.xml"}) {
    const test::Outcome outcome = test::run(folder, fmt::format("convert training.csv {}", to));
    CAPTURE(outcome.err);
    CHECK(outcome.code == (contains(to, "imglab") ? 2 : 0));  // all points in one place: no box
  }
  CHECK(!test::fs::exists(folder / "c_pictures"));
  for (const char* name : {"a.json", "b.csv"}) {
    const LabelledPhotographs labelled = read_photographs(folder / name);
    CHECK(labelled.set == contest15());
    REQUIRE(labelled.faces.size() == 2);
    CHECK(labelled.faces[0].points[3] == 10.3333333333333339);
    CHECK(labelled.faces[1].states[14] == PointState::missing);
    const Picture picture = read_picture(labelled.faces[1].photograph);
    CHECK(picture.channels == 1);
    CHECK(picture.at(1, 2) == (2 * 96 + 1) % 256);
  }
  test::check_refused(folder, "convert training.csv --to pts --out p", "1 of its 15 points are missing");
  test::check_refused(folder, "convert training.csv --to csv --out training.csv", "will not be replaced");
  write_text(folder / "one.csv", header + "Image\n" + row + pixels + "\n");
  CHECK(test::run(folder, "convert one.csv --to pts --out p").code == 0);
  CHECK(read_photographs(folder / "p").faces[0].points[3] == doctest::Approx(10.3333333333333339));
  CHECK(!test::fs::exists(folder / "p_pictures"));
}

}  // namespace lineament
