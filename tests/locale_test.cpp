// A host program's locale that writes 0,5 for 0.5 changes nothing of what is read and written here.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <clocale>
#include <locale>
#include <map>
#include <sstream>

#include "base/toml.h"
#include "data/formats/coco.h"
#include "data/formats/imglab.h"
#include "data/formats/labels.h"
#include "data/formats/path_csv.h"
#include "data/pictures/picture.h"
#include "network/model_spec.h"
#include "report/plots.h"
#include "tests/support.h"
#include "train/recipe.h"
#include "train/run_folder.h"

using namespace lineament;
using test::TemporaryFolder;

namespace {

struct German : std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

/// For C++'s streams, and for C's functions where the locale can be made: it need not be installed.
struct CommaLocale {
  TemporaryFolder folder;
  bool for_c = false;
  std::locale before = std::locale::global(std::locale(std::locale::classic(), new German));

  CommaLocale() {
    const std::string make = fmt::format("localedef -i de_DE -f UTF-8 --no-archive '{}' >'{}' 2>&1",
                                         (folder / "de_DE.UTF-8").string(), (folder / "log").string());
    if (std::system(make.c_str()) != 0) return;
    setenv("LOCPATH", folder.path.c_str(), 1);
    for_c = std::setlocale(LC_ALL, "de_DE.UTF-8") != nullptr;
  }
  ~CommaLocale() {
    std::locale::global(before);
    unsetenv("LOCPATH");
    std::setlocale(LC_ALL, "C");
  }
};

TrainConfig config_with_fractions() {
  TrainConfig config;
  config.optimizer.rate = 0.0625f;
  config.optimizer.beta1 = 0.9f;
  config.plateau.factor = 0.35;
  config.stages = {{2000, 1.5e-5f}};
  config.head.dropout = 0.25f;
  config.rows = 1'234'567;
  return config;
}

LabelledPhotographs faces_with_fractions(const TemporaryFolder& folder) {
  write_png(folder / "face.png", plain_picture(40, 30, 1));
  LabelledPhotographs labelled{.set = contest15(), .faces = {}};
  LabelledFace& face = labelled.faces.emplace_back(unlabelled_face((folder / "face.png").string(), labelled.set));
  face.box = FaceBox{10.5, 1234.25, 2000.75, 1800.5};
  for (int k = 0; k < labelled.set.size(); ++k) set_point(face, k, 100.25 + k, 1500.75 - k, PointState::seen);
  return labelled;
}

/// Everything that numbers are written into, by what it is.
std::map<std::string, std::string> written(const TemporaryFolder& folder) {
  std::map<std::string, std::string> texts;
  texts["settings"] = to_json(config_with_fractions());
  texts["spec"] = to_json(ModelSpec{.head = {.dropout = 0.35f}, .picture = {96, 96, 1}, .crop = {.margin = 0.15}});
  texts["TOML as JSON"] = json_of_toml("rate = 0.25\nrows = 1234567\nday = 2024-10-11\n", "a test");
  texts["chart"] = curve_chart("a", {{"b", {1, 1234.5}, {0.25, 1e-7}}}).script;
  const RunFolder run = RunFolder::create(folder / "run", config_with_fractions());
  run.append_history({.epoch = 1234, .loss = 0.125, .dev_mse = 1234.5, .rate = 1e-5, .seconds = 0.5});
  texts["history"] = test::read_text(run.history());
  const LabelledPhotographs labelled = faces_with_fractions(folder);
  write_path_csv(folder / "faces.csv", labelled);
  write_coco(folder / "faces.json", labelled);
  write_imglab(folder / "faces.xml", labelled);
  for (const char* name : {"faces.csv", "faces.json", "faces.xml"}) texts[name] = test::read_text(folder / name);
  return texts;
}

void check_read(const TemporaryFolder& folder) {
  const TrainConfig config = parse_config(to_json(config_with_fractions()));
  CHECK(config.optimizer.rate == 0.0625f);
  CHECK(config.optimizer.beta1 == 0.9f);
  CHECK(config.plateau.factor == 0.35);
  CHECK(config.stages == config_with_fractions().stages);
  TrainConfig changed;
  set_value(changed, "optimizer.rate=0.0625");
  CHECK(changed.optimizer.rate == 0.0625f);
  const std::vector<EpochRecord> history = RunFolder::open(folder / "run").read_history();
  REQUIRE(history.size() == 1);
  CHECK(history[0].epoch == 1234);
  CHECK(history[0].dev_mse == 1234.5);
  const LabelledPhotographs labelled = faces_with_fractions(folder);
  CHECK(read_path_csv(folder / "faces.csv", labelled.set).faces[0].points == labelled.faces[0].points);
  CHECK(read_coco(folder / "faces.json", labelled.set).faces[0].points == labelled.faces[0].points);
  test::write_text(folder / "fraction.xml",
                   "<dataset><images><image file='face.png'><box top='1.5' left='2' width='1234.5' height='9'>"
                   "<part name='nose' x='3.25' y='4'/></box></image></images></dataset>");
  const LabelledFace face = read_imglab(folder / "fraction.xml").faces.at(0);
  CHECK(face.box->width == 1234.5);
  CHECK(face.points[0] == 3.25);
}

}  // namespace

TEST_CASE("a locale with decimal commas changes no file, and files are read in it as ever") {
  const TemporaryFolder plain, folder;
  const std::map<std::string, std::string> expected = written(plain);
  const CommaLocale comma;
  std::ostringstream streamed;
  streamed << 1234.5;
  REQUIRE(streamed.str() == "1.234,5");  // else this tests nothing
  if (comma.for_c)
    REQUIRE(std::strtod("1,5", nullptr) == 1.5);
  else
    test::skip("C's functions in such a locale: localedef or de_DE's source is missing (Debian: locales)");
  for (const auto& [what, text] : written(folder)) {
    CAPTURE(what);
    std::string here = text;  // up to the name of its folder
    for (size_t at; (at = here.find(folder.path.string())) != here.npos;)
      here.replace(at, folder.path.string().size(), plain.path.string());
    CHECK(here == expected.at(what));
  }
  check_read(folder);
}
