// Every way a contest file can be wrong, and the line of text that says so; and every place it can lie in.
#include <doctest/doctest.h>
#include <zip.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "data/contest.h"
#include "base/check.h"
#include "data/dataset.h"
#include "data/split.h"
#include "tests/support.h"

using namespace lineament;
using namespace lineament::test;

namespace {

std::string image(int pixels = contest::kPixels, const std::string& last = "7") {
  std::string text;
  for (int i = 0; i + 1 < pixels; ++i) text += fmt::format("{} ", (i * 37) % 256);
  return text + last;
}

std::string header() {
  std::string text;
  for (const std::string& name : contest15().coordinate_names()) text += fmt::format("{},", name);
  return text + "Image\n";
}

/// 30 coordinates, of which the first is as told, then the picture.
std::string row(const std::string& first = "66.25", const std::string& pixels = image()) {
  std::string text = first + ",";
  for (int c = 1; c < contest::kCoordinates; ++c) text += c == 5 ? "," : fmt::format("{}.5,", 20 + c);
  return text + pixels + "\n";
}

const std::string kTwoFaces = header() + row() + row("");

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

void write_zip(const fs::path& path, const std::vector<std::pair<std::string, std::string>>& files,
               bool deflate = true) {
  zip_t* zip = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  for (const auto& [name, text] : files) {
    const zip_int64_t index =
        zip_file_add(zip, name.c_str(), zip_source_buffer(zip, text.data(), text.size(), 0), 0);
    zip_set_file_compression(zip, static_cast<zip_uint64_t>(index), deflate ? ZIP_CM_DEFLATE : ZIP_CM_STORE,
                             0);
  }
  REQUIRE(zip_close(zip) == 0);
}

/// What the reader says; "" if it accepts.
std::string complaint(const fs::path& path, Labels labels = Labels::given) {
  try {
    read_faces(path, labels);
    return "";
  } catch (const InputError& error) {
    return error.what();
  }
}

std::string complaint_about(const std::string& text, Labels labels = Labels::given) {
  TemporaryFolder folder;
  write_text(folder / "faces.csv", text);
  const std::string said = complaint(folder / "faces.csv", labels);
  CHECK(said.find('\n') == std::string::npos);
  const size_t name = said.find("faces.csv");
  return name == std::string::npos ? said : said.substr(name);
}

}  // namespace

TEST_CASE("faces are read as they stand: pixels, coordinates, gaps, row numbers") {
  TemporaryFolder folder;
  write_text(folder / "faces.csv", kTwoFaces);
  const Faces faces = read_faces(folder / "faces.csv", Labels::given);
  REQUIRE(faces.size() == 2);
  CHECK(faces.ids == std::vector<int>{1, 2});
  CHECK(faces.keypoints[0][0] == 66.25f);
  CHECK(faces.keypoints[1][29] == 49.5f);
  CHECK(std::isnan(faces.keypoints[0][5]));
  CHECK(std::isnan(faces.keypoints[1][0]));
  CHECK(faces.image(1)[0] == 0);
  CHECK(faces.image(1)[300] == (300 * 37) % 256);
  CHECK(faces.image(1)[contest::kValues - 1] == 7);
}

TEST_CASE("columns are taken by name, in any order") {
  TemporaryFolder folder;
  const std::string names =
      replaced(replaced(replaced(header(), "left_eye_center_x", "?"), "nose_tip_y", "left_eye_center_x"), "?",
               "nose_tip_y");
  write_text(folder / "faces.csv", names + row());
  const Faces faces = read_faces(folder / "faces.csv", Labels::given);
  CHECK(faces.keypoints[0][21] == 66.25f);
  CHECK(faces.keypoints[0][0] == 41.5f);
}

TEST_CASE("harmless differences are accepted") {
  TemporaryFolder folder;
  std::string windows;
  for (char c : kTwoFaces) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const std::string accepted[] = {
      windows,
      kTwoFaces.substr(0, kTwoFaces.size() - 1),                   // no newline at the end
      "\xEF\xBB\xBF" + kTwoFaces,                                  // UTF-8 byte order mark
      kTwoFaces + "\n\n",                                          // blank lines at the end
      header() + row("66.25", '"' + image() + '"') + row("\"\""),  // quotes
      replaced(header(), "Image", "\"Image\"") + row() + row(""),  // quotes in the header
      header() + row("66.25", "  " + image() + " ") + row(""),     // more blanks than needed
  };
  write_text(folder / "plain.csv", kTwoFaces);
  const Faces plain = read_faces(folder / "plain.csv", Labels::given);
  for (const std::string& text : accepted) {
    write_text(folder / "faces.csv", text);
    const Faces faces = read_faces(folder / "faces.csv", Labels::given);
    CHECK(faces.pixels == plain.pixels);
    CHECK(faces.keypoints[0][0] == 66.25f);
    CHECK(faces.size() == 2);
  }
}

TEST_CASE("a bad header is refused by name") {
  const std::string rows = row();
  CHECK(complaint_about(replaced(header(), "nose_tip_x,", "") + rows) ==
        "faces.csv:1: column nose_tip_x is missing from the header");
  CHECK(complaint_about(replaced(header(), ",Image", "") + rows) ==
        "faces.csv:1: column Image is missing from the header");
  CHECK(complaint_about(replaced(header(), "nose_tip_x", "nose_tip_y") + rows) ==
        "faces.csv:1: column \"nose_tip_y\" comes twice");
  CHECK(complaint_about("") == "faces.csv: empty file, expected a csv table");
  CHECK(complaint_about(header()) == "faces.csv: a header and no rows");
  CHECK(complaint_about(header() + "\n") == "faces.csv: a header and no rows");
}

TEST_CASE("a column that is no coordinate is left out and named; other points than the contest's are a set of their own") {
  TemporaryFolder folder;
  const std::string text = replaced(header(), "Image", "colour,Image");
  std::string line = row();
  line.insert(line.rfind(',') + 1, "red,");
  write_text(folder / "training.csv", text + line);
  std::vector<std::string> notes;
  const Faces faces = read_faces(folder.path, Labels::given, &notes);
  CHECK(faces.set == contest15());
  REQUIRE(notes.size() == 1);
  CHECK(notes[0].ends_with("training.csv: left out, no coordinates: column colour"));

  std::string pixels;
  for (int i = 0; i < 40 * 40; ++i) pixels += fmt::format("{} ", i % 256);
  write_text(folder / "training.csv", "tip_y,left_a_x,tip_x,Image,left_a_y\n7.5,,3," + pixels + ",\n");
  const Faces own = read_faces(folder.path, Labels::given);
  CHECK(own.set.points == std::vector<std::string>{"tip", "left_a"});
  CHECK(own.shape == PictureShape{40, 40, 1});
  CHECK(own.keypoints[0][0] == 3.f);
  CHECK(own.keypoints[0][1] == 7.5f);
  CHECK(std::isnan(own.keypoints[0][2]));
  CHECK(own.image(0)[300] == 300 % 256);
}

TEST_CASE("a row with 9,215 or 9,217 pixels is refused by its line") {
  CHECK(complaint_about(header() + row() + row("1", image(9215))) ==
        "faces.csv:3: 9215 pixels, expected 9216");
  CHECK(complaint_about(header() + row() + row("1", image(9217))) ==
        "faces.csv:3: 9217 pixels, expected 9216");
  CHECK(complaint_about(header() + row("1", "")) == "faces.csv:2: 0 pixels, expected 9216");
}

TEST_CASE("a pixel that is no whole number of 0..255 is refused") {
  for (const std::string pixel : {"256", "abc", "-1", "1000000000000", "1.5", "12a", "+1", "\t"})
    CHECK(complaint_about(kTwoFaces + row("1", image(contest::kPixels, pixel))) ==
          fmt::format("faces.csv:4: pixel 9216 is \"{}\", expected a whole number of 0..255",
                      pixel == "\t" ? "?" : pixel));
}

TEST_CASE("a coordinate that is no plausible number is refused") {
  for (const std::string text :
       {"NaN", "inf", "-inf", "1e9", "-96.5", "192.5", "abc", "12px", " 12", "0x10", "\""})
    CHECK(complaint_about(header() + row() + row(text)) ==
          fmt::format("faces.csv:3: column left_eye_center_x is \"{}\", expected a coordinate of -96..192 "
                      "px, or nothing",
                      text));
}

TEST_CASE("a row with too few or too many fields is refused") {
  CHECK(complaint_about(header() + row() + "1,2,3\n" + row()) ==
        "faces.csv:3: 3 fields, expected 31 as in the header");
  CHECK(complaint_about(header() + "1," + row()) == "faces.csv:2: 32 fields, expected 31 as in the header");
  CHECK(complaint_about(header() + row() + "\n" + row()) ==
        "faces.csv:4: a row after blank line 3: remove the blank line");
}

TEST_CASE("a last line cut in the middle is refused and says that the file may be cut") {
  const std::string cut = kTwoFaces.substr(0, kTwoFaces.size() - 1000);
  const std::string said = complaint_about(cut);
  CHECK(said.starts_with("faces.csv:3: "));
  CHECK(said.ends_with("pixels, expected 9216; the file ends within this line: it may be cut short"));
}

TEST_CASE("a row without end is refused before it fills the memory") {
  const std::string endless(std::size_t{8} << 20, '7');
  CHECK(complaint_about(header() + row() + endless) ==
        "faces.csv:3: a row of more than 4194304 bytes: not a file of the contest");
  TemporaryFolder folder;
  write_zip(folder / "training.zip", {{"training.csv", header() + endless}});
  CHECK(fs::file_size(folder / "training.zip") < 20'000);
  CHECK(complaint(folder / "training.zip")
            .ends_with("training.csv:2: a row of more than 4194304 bytes: not a file of the contest"));
}

TEST_CASE("a test set has ids from 1, each once") {
  const auto test_row = [](const std::string& id) { return id + "," + image() + "\n"; };
  const std::string names = "ImageId,Image\n";
  TemporaryFolder folder;
  write_text(folder / "test.csv", names + test_row("12") + test_row("3"));
  const Faces faces = read_faces(folder.path, Labels::none);
  CHECK(faces.ids == std::vector<int>{12, 3});
  CHECK(std::isnan(faces.keypoints[0][0]));
  CHECK(faces.image(1)[contest::kValues - 1] == 7);

  CHECK(complaint_about(names + test_row("3") + test_row("3"), Labels::none) ==
        "faces.csv:3: ImageId 3 comes twice");
  for (const std::string id : {"0", "-1", "x", "", "99999999999"})
    CHECK(complaint_about(names + test_row(id), Labels::none) ==
          fmt::format("faces.csv:2: column ImageId is \"{}\", expected a whole number from 1", id));
  CHECK(complaint_about(kTwoFaces, Labels::none) == "faces.csv:1: column ImageId is missing from the header");
}

TEST_CASE("a table of labels alone is read without pictures") {
  TemporaryFolder folder;
  std::string labels;
  for (const std::string& name : contest15().coordinate_names())
    labels += fmt::format("{}{}", labels.empty() ? "" : ",", name);
  write_text(folder / "labels.csv",
             labels + "\n" + row("1.5", "").substr(0, row("1.5", "").size() - 2) + "\n");
  const Faces faces = read_faces(folder / "labels.csv", Labels::only);
  CHECK(faces.size() == 1);
  CHECK(faces.pixels.empty());
  CHECK(faces.select(std::vector<size_t>{0}).pixels.empty());
  CHECK(complaint(folder / "labels.csv").ends_with("labels.csv:1: column Image is missing from the header"));
}

TEST_CASE("the contest's files are found wherever they lie") {
  TemporaryFolder folder;
  const auto faces_at = [&](const std::string& place) {
    return read_faces(folder / place, Labels::given).size();
  };
  for (const std::string name : {"plain", "zip", "big", "below/data", "inner", "sub"})
    fs::create_directories(folder / name);

  write_text(folder / "plain/training.csv", kTwoFaces);
  CHECK(faces_at("plain") == 2);
  CHECK(faces_at("plain/training.csv") == 2);

  write_zip(folder / "zip/training.zip", {{"training.csv", kTwoFaces}});
  CHECK(faces_at("zip") == 2);
  CHECK(faces_at("zip/training.zip") == 2);

  const std::string inner = read_text(folder / "zip/training.zip");
  write_zip(folder / "big/facial-keypoints-detection.zip",
            {{"IdLookupTable.csv", "RowId,ImageId,FeatureName,Location\n1,1,nose_tip_y,\n"},
             {"SampleSubmission.csv", "RowId,Location\n"},
             {"training.zip", inner},
             {"test.zip", inner}});
  CHECK(faces_at("big") == 2);
  CHECK(read_lookup(folder / "big").at(0).coordinate == 21);

  write_zip(folder / "below/data/facial-keypoints-detection.zip",
            {{"faces/training.csv", kTwoFaces}, {"test.csv", ""}});
  CHECK(faces_at("below") == 2);

  write_zip(folder / "sub/my-faces.zip", {{"my-faces.csv", kTwoFaces}});
  CHECK(faces_at("sub/my-faces.zip") == 2);
}

TEST_CASE("what is not there is said, with what is") {
  TemporaryFolder folder;
  CHECK(complaint(folder / "nowhere.csv").ends_with("nowhere.csv: no such file or folder"));
  CHECK(
      complaint(folder.path)
          .ends_with(
              ": holds no training.csv, training.zip or facial-keypoints-detection.zip, nor does its data/"));
  write_zip(folder / "other.zip", {{"readme.txt", "hello"}, {"notes.md", "hello"}});
  CHECK(complaint(folder / "other.zip")
            .ends_with("other.zip: holds no training.csv (it holds readme.txt, notes.md)"));
  CHECK(complaint("/dev/null").ends_with("neither a file nor a folder"));
}

TEST_CASE("a truncated zip is refused") {
  TemporaryFolder folder;
  write_zip(folder / "whole.zip", {{"training.csv", kTwoFaces}});
  const std::string whole = read_text(folder / "whole.zip");
  for (size_t left : {whole.size() / 2, size_t{3}, size_t{0}}) {
    write_text(folder / "training.zip", whole.substr(0, left));
    const std::string said = complaint(folder.path);
    CHECK(said.find("training.zip: damaged or incomplete zip (") != std::string::npos);
    CHECK(said.ends_with("): download it again"));
  }
}

TEST_CASE("damage in a zip is named, not the nonsense it makes of a row") {
  TemporaryFolder folder;
  for (bool deflate : {true, false}) {
    write_zip(folder / "training.zip", {{"training.csv", kTwoFaces + row() + row()}}, deflate);
    std::string bytes = read_text(folder / "training.zip");
    for (size_t at : {bytes.size() / 3, bytes.size() / 2}) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
      write_text(folder / "training.zip", damaged);
      const std::string said = complaint(folder.path);
      CHECK(said.find("training.zip/training.csv: damaged or incomplete zip (") != std::string::npos);
    }
  }
}

TEST_CASE("the first complete rows are the dev set, all others the training pool") {
  Faces faces;
  for (int i = 0; i < 11; ++i) {
    faces.keypoints.emplace_back(contest::kCoordinates, static_cast<float>(i));
    if (i % 3 == 0) faces.keypoints.back()[29] = kMissing;
    faces.ids.push_back(i + 1);
  }
  const Split split = split_faces(faces, {.rows = 3});
  CHECK(split.dev.ids == std::vector<int>{2, 3, 5});
  CHECK(split.train.ids == std::vector<int>{1, 4, 6, 7, 8, 9, 10, 11});
  CHECK(split.dev.keypoints[2][0] == 4.f);
  CHECK_THROWS_WITH_AS(split_faces(faces, {.rows = 6}),
                       "7 complete rows and 11 with any label of 11, expected at least 12 of a kind for a dev set of 6: ask for "
                       "--dev-rows 5 or fewer, or for a share of all (--dev-share, --dev-every)",
                       InputError);
  CHECK(split_faces(faces, {.rows = 0}).train.size() == 11);
}

TEST_CASE("a lookup table with an unknown feature or a repeated row is refused") {
  TemporaryFolder folder;
  const auto said = [&](const std::string& rows) -> std::string {
    write_text(folder / "IdLookupTable.csv", "RowId,ImageId,FeatureName,Location\n" + rows);
    try {
      read_lookup(folder.path);
    } catch (const InputError& error) {
      return std::string(error.what()).substr(folder.path.string().size() + 1);
    }
    return "";
  };
  CHECK(said("7,5,mouth_center_bottom_lip_y,\n2,5,left_eye_center_x,3\n") == "");
  CHECK(
      said("1,5,left_ear_x,\n") ==
      "IdLookupTable.csv:2: column FeatureName is \"left_ear_x\", expected a coordinate such as nose_tip_x");
  CHECK(said("1,5,nose_tip_x,\n1,5,nose_tip_y,\n") == "IdLookupTable.csv:3: RowId 1 comes twice");
  CHECK(said("1,none,nose_tip_x,\n") ==
        "IdLookupTable.csv:2: column ImageId is \"none\", expected a whole number from 1");
}

TEST_CASE("the real data are read whole") {
  const auto shared = shared_folder();
  if (!shared) return skip("no shared data");
  const Faces faces = read_faces(*shared / "data", Labels::given);
  CHECK(faces.size() == 5660);
  CHECK(std::ranges::count_if(faces.keypoints, is_complete) == 2055);
  uint64_t sum = 0;
  for (uint8_t pixel : faces.pixels) sum += pixel;
  CHECK(sum == 5594545572);  // by Python's zipfile and int()
  const Split split = split_faces(faces);
  CHECK(split.dev.size() == 500);
  CHECK(split.train.size() == 5160);
  const Faces test = read_faces(*shared / "data", Labels::none);
  CHECK(test.size() == 1057);
  CHECK(read_lookup(*shared / "data").size() == 15650);
}
