// The 1,207 real photographs with 68 points: read, converted and cut out.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <cmath>

#include "data/labelled_data.h"
#include "tests/support.h"

using namespace lineament;

namespace {

std::optional<test::fs::path> photos68() {
  const auto shared = test::shared_folder();
  if (!shared || !test::fs::exists(*shared / "photos68/crops")) return {};
  return *shared / "photos68/crops";
}

#if defined(__SANITIZE_ADDRESS__)
constexpr size_t kTaken = 100;  // of all photographs: under sanitizers they take a minute and a half
#else
constexpr size_t kTaken = 1207;
#endif

/// All that is read, of which some are worked with.
LabelledPhotographs some_of(LabelledPhotographs labelled) {
  REQUIRE(labelled.faces.size() == 1207);
  labelled.faces.resize(kTaken);
  return labelled;
}

const char* const kNoPhotos = "no shared folder with photos68/crops beside this checkout";

}  // namespace

TEST_CASE("1,207 photographs say the same points as COCO and csv, to the bit, and as imglab to half a pixel") {
  const auto crops = photos68();
  if (!crops) return test::skip(kNoPhotos);
  const LabelledPhotographs labelled = some_of(read_photographs(*crops));
  CHECK(labelled.set == ibug68());
  CHECK(labelled.notes.empty());
  CHECK(std::ranges::is_sorted(labelled.faces, {}, [](const LabelledFace& face) {
    return test::fs::path(face.photograph).stem().string();
  }));
  CHECK(labelled.faces[0].points[0] == 169.113 - 1);  // afw_1051618982_1

  const test::TemporaryFolder folder;
  for (const auto& [name, format] : {std::pair{"faces.json", PhotographFormat::coco}, {"faces.csv", PhotographFormat::csv},
                                     {"faces.xml", PhotographFormat::imglab}}) {
    CAPTURE(name);
    write_photographs(folder / name, labelled, format, *crops);
    const LabelledPhotographs back = read_photographs(folder / name);
    CHECK(back.set == labelled.set);
    REQUIRE(back.faces.size() == labelled.faces.size());
    double farthest = 0;
    size_t same_files = 0;
    for (size_t row = 0; row < back.faces.size(); ++row) {
      same_files += test::fs::equivalent(back.faces[row].photograph, labelled.faces[row].photograph);
      for (size_t c = 0; c < 136; ++c)
        farthest = std::max(farthest, std::abs(back.faces[row].points[c] - labelled.faces[row].points[c]));
    }
    CHECK(same_files == kTaken);
    CHECK(farthest <= (format == PhotographFormat::imglab ? 0.5 : 0));

    if (format == PhotographFormat::imglab) continue;
    CutReport report, report_back;
    const PictureShape shape{48, 40, 1};
    const Faces a = cut_faces(labelled, shape, {.from = CropFrom::points}, report),
                b = cut_faces(back, shape, {.from = CropFrom::box}, report_back);  // which is their extent
    CHECK(a.pixels == b.pixels);
    CHECK(a.keypoints == b.keypoints);
  }
}

TEST_CASE("1,207 photographs are cut out in a few seconds, in colour and grey, points within") {
  const auto crops = photos68();
  if (!crops) return test::skip(kNoPhotos);
  const LabelledPhotographs labelled = some_of(read_photographs(*crops));
  for (const PictureShape shape : {PictureShape{96, 96, 1}, {160, 160, 3}}) {
    CutReport report;
    const auto start = std::chrono::steady_clock::now();
    const Faces faces = cut_faces(labelled, shape, {.from = CropFrom::points, .margin = 0.35f}, report);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    MESSAGE(to_string(shape) << ": " << taken.count() << " s, " << report.outside << " points outside their photograph");
    CHECK(faces.size() == kTaken);
    CHECK(faces.names[0] == "afw_1051618982_1");
    for (const Keypoints& points : faces.keypoints)
      for (const float v : points) REQUIRE((v > 0 && v < shape.width));
  }
  const Faces fifteen = [&] {
    CutReport report;
    return cut_faces(some_of(read_photographs(*crops, contest15())), {96, 96, 1}, {.from = CropFrom::points}, report);
  }();
  CHECK(fifteen.set == contest15());
}
