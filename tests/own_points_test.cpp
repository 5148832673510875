// A user's own points on photographs in colour, half of them missing: trained, measured, asked and reported by the command.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "data/drawn/synthetic.h"
#include "data/pictures/picture.h"
#include "network/saved_network.h"
#include "tests/command_run.h"

using namespace lineament;
using namespace lineament::test;

namespace {

constexpr size_t kPhotographs = 40;

/// Drawn faces in photographs of 150x190, tinted, with five points of them in a csv beside; every other label is missing, and
/// nobody ever labelled the ear.
void write_data(const fs::path& folder) {
  const Faces faces = synthetic_faces_complete(kPhotographs, 5);
  fs::create_directories(folder / "photos");
  std::string csv = "note,photograph";
  const std::vector<std::pair<std::string, int>> points = {
      {"left_eye", 0}, {"right_eye", 1}, {"nose", 10}, {"mouth_left", 11}, {"mouth_right", 12}};
  for (const auto& [name, k] : points) csv += fmt::format(",{0}_x,{0}_y", name);
  csv += ",ear_x,ear_y\n";
  for (size_t row = 0; row < faces.size(); ++row) {
    Picture photo = plain_picture(150, 190, 3, 90);
    const Picture face = to_rgb(face_picture(faces, row));
    for (int y = 0; y < 96; ++y)
      for (int x = 0; x < 96; ++x) {
        for (int c = 0; c < 3; ++c) photo.at(x + 31, y + 57, c) = face.at(x, y, c);
        photo.at(x + 31, y + 57, 2) /= 2;
      }
    const std::string name = fmt::format("photos/p{:02}.png", row);
    write_png(folder / name, photo);
    csv += "mine," + name;
    for (const auto& [_, k] : points) {
      const bool missing = (row + static_cast<size_t>(k)) % 2 == 0;
      csv += missing ? ",,"
                     : fmt::format(",{},{}", faces.keypoints[row][2 * k] + 31, faces.keypoints[row][2 * k + 1] + 57);
    }
    csv += ",,\n";
  }
  write_text(folder / "labels.csv", csv);
  write_text(folder / "five.toml",
             "name = 'five'\npoints = ['left_eye', 'right_eye', 'nose', 'mouth_left', 'mouth_right', 'ear']\n"
             "scale = [['left_eye', 'mouth_right'], ['right_eye', 'mouth_left']]\nlines = [['left_eye', 'nose']]\n");
}

}  // namespace

TEST_CASE("five points of one's own, half of them missing, on 128x160 in colour, from csv to report") {
  const TemporaryFolder folder;
  write_data(folder.path);
  const Outcome trained =
      run(folder, "train --data labels.csv --points five.toml --size 128x160 --channels 3 --crop whole --dev-every 4 "
                  "--model dense2 --augment fresh --epochs 2 --threads 1 --out run");
  CAPTURE(trained.err);
  REQUIRE(trained.code == 0);
  CHECK(trained.out.find("labelled in no row, so left out: ear") != std::string::npos);
  CHECK(trained.out.find("note") != std::string::npos);  // the column that is no coordinate is named
  CHECK(trained.out.find("30 faces to train on, 10 to measure on") != std::string::npos);
  const ModelSpec spec = read_spec(folder / "run/model.safetensors");
  CHECK(spec.picture == PictureShape{160, 128, 3});
  CHECK(spec.set.name == "five");
  CHECK(spec.set.points == std::vector<std::string>{"left_eye", "right_eye", "nose", "mouth_left", "mouth_right"});
  CHECK(spec.set.mirror == std::vector<int>{1, 0, 2, 4, 3});
  for (const char* file : {"run/curves.png", "run/predictions.png"}) CHECK(fs::exists(folder / file));

  const Outcome measured = run(folder, "evaluate run --json");
  CAPTURE(measured.err);
  REQUIRE(measured.code == 0);
  const auto page = nlohmann::json::parse(measured.out);
  CHECK(page["faces"] == 10);
  CHECK(page["point_error"].size() == 5);

  const Outcome asked = run(folder, "predict run photos/p03.png photos/p04.png --mirror --format json --draw --out drawn");
  CAPTURE(asked.err);
  REQUIRE(asked.code == 0);
  const auto answers = nlohmann::json::parse(read_text(folder / "drawn/keypoints.json"));
  REQUIRE(answers.size() == 2);
  CHECK(answers[0]["keypoints"].contains("mouth_left"));
  CHECK(fs::exists(folder / "drawn/p03.png"));

  write_png(folder / "pixel.png", plain_picture(1, 1, 3, 7));
  CHECK(run(folder, "predict run pixel.png").code == 0);

  fs::remove(folder / "five.toml");  // the checkpoint knows its points
  REQUIRE(run(folder, "evaluate run").code == 0);
  const Outcome reported = run(folder, "report run --out page.html");
  CAPTURE(reported.err);
  CHECK(reported.code == 0);

  write_data(folder / "again");
  fs::copy(folder / "again/five.toml", folder / "five.toml");
  REQUIRE(run(folder, "train --epochs 3 --resume --out run").code == 0);
  CHECK(read_text(folder / "run/history.csv").find("\n3,") != std::string::npos);
  check_refused(folder, "evaluate run --data /nowhere.csv", "nowhere.csv");
}

TEST_CASE("settings of data that make no sense are refused by name") {
  const TemporaryFolder folder;
  check_refused(folder, "train --size 16", "picture.width 16: expected 32 to 512 px");
  check_refused(folder, "train --size 96x", "--size 96x: expected such as 128 or 128x160");
  check_refused(folder, "train --channels 2", "picture.channels 2: expected 1 (grey) or 3 (RGB)");
  check_refused(folder, "train --points none.toml", "none.toml: no such file");
  check_refused(folder, "train --dev-every 1", "--dev-every 1: expected 0, or 2 or more");
  check_refused(folder, "train --dev-every 3 --dev-rows 5", "expected one of them");
  check_refused(folder, "train --dev-names 'a*'", "--dev-names a*: needs --dev-every or --dev-share");
  check_refused(folder, "train --margin 9", "--margin 9: expected 0 to 4");
  check_refused(folder, "train --crop circle", "--crop circle: expected one of whole, points, box");
}

TEST_CASE("a checkpoint of another set is refused with both named") {
  const TemporaryFolder folder;
  const std::string common = "train --model dense2 --rows 60 --dev-rows 10 --epochs 1 --threads 1 --out run ";
  REQUIRE(run(folder, common).code == 0);
  write_text(folder / "eyes.toml", "name = 'eyes'\npoints = ['left_eye_center', 'right_eye_center']\n");
  TemporaryFolder other;
  fs::copy(folder / "run", other / "run");
  const std::string config = read_text(other / "run/config.json");
  std::string changed = config;
  changed.replace(changed.find("\"points\": \"\""), 12, "\"points\": \"" + (folder / "eyes.toml").string() + "\"");
  write_text(other / "run/config.json", changed);
  check_refused(other, "train --resume --epochs 2 --out run",
                "a checkpoint that answers contest15 (15 points), expected eyes (2 points)");
}
