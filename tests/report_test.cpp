// The page of a study: whole, at home without a network, and safe from whatever stands in names.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <map>
#include <regex>
#include <set>
#include <vector>

#include "base/check.h"
#include "data/drawn/synthetic.h"
#include "report/page.h"
#include "report/plots.h"
#include "report/report.h"
#include "report/sections.h"
#include "tests/support.h"
#include "train/finished_run.h"
#include "train/settings.h"
#include "train/trainer.h"

namespace lineament {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

constexpr const char* kWildName = "<script>alert(\"it's & it\")<script>";

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = 0; (at = text.find(part, at)) != text.npos; at += part.size()) ++found;
  return found;
}

/// The first thing wrong with the nesting of a page's tags; empty where there is none.
std::string broken_tag(const std::string& page) {
  static const std::set<std::string> kVoid = {"meta", "br", "img", "hr", "link"};
  std::vector<std::string> open;
  for (size_t at = 0; (at = page.find('<', at)) != page.npos;) {
    if (page.compare(at, 9, "<!DOCTYPE") == 0) {
      at = page.find('>', at);
      continue;
    }
    const bool closing = page[at + 1] == '/';
    const size_t begin = at + 1 + closing, end = page.find_first_of(" \t\r\n/>", begin);
    if (end == page.npos || end == begin) return fmt::format("a stray < at {}", at);
    const std::string name = page.substr(begin, end - begin);
    char quote = 0;  // a > within quotes ends no tag
    for (at = end; at < page.size() && (quote || page[at] != '>'); ++at) {
      if (!quote && page[at] == '<') return fmt::format("<{} is not closed before the next <", name);
      if (quote ? page[at] == quote : page[at] == '"' || page[at] == '\'') quote = quote ? 0 : page[at];
    }
    if (at >= page.size()) return fmt::format("<{} has no end", name);
    if (closing) {
      if (open.empty() || open.back() != name)
        return fmt::format("</{}> closes {}", name, open.empty() ? "nothing" : open.back());
      open.pop_back();
    } else if (page[at - 1] != '/' && !kVoid.contains(name)) {
      open.push_back(name);
      if (name == "style") at = page.find("</style", at);
    }
  }
  return open.empty() ? "" : fmt::format("<{}> stays open", open.back());
}

/// Two tiny runs that differ in their gaps alone, one of them in a folder of an evil name; trained once.
const std::vector<FinishedRun>& runs() {
  static const TemporaryFolder folder;
  static const std::vector<FinishedRun> made = [] {
    std::vector<FinishedRun> all;
    for (const Missing missing : {Missing::mask, Missing::drop}) {
      TrainConfig config;
      config.model = "baseline";
      config.rows = 150;
      config.dev_rows = 11;
      config.batch = 13;
      config.epochs = 2;
      config.missing = missing;
      config.out = (folder / (all.empty() ? "plain" : std::string(kWildName).substr(0, 8) + "&'\"")).string();
      train(config);
      all.push_back(read_finished_run(config.out));
    }
    return all;
  }();
  return made;
}

/// Their page, made once; empty where there is no gnuplot to make it with.
const std::string& page() {
  static const std::string made = [] {
    try {
      return report_page(runs(), {.title = kWildName, .data = ""});
    } catch (const RunError& error) {
      if (std::string(error.what()).find("gnuplot-nox") == std::string::npos) throw;
      test::skip(error.what());
      return std::string();
    }
  }();
  return made;
}

}  // namespace

TEST_CASE("base64 is RFC 4648's") {
  CHECK(base64("") == "");
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("foob") == "Zm9vYg==");
  CHECK(base64(std::string("\x00\xff\xfe", 3)) == "AP/+");
}

TEST_CASE("text and numbers are written as people read them") {
  CHECK(escaped("a<b>&\"'\x01\n") == "a&lt;b&gt;&amp;&quot;&#39;\n");
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1,000");
  CHECK(grouped(64174532) == "64,174,532");
  CHECK(fixed(2.345, 1) == "2.3");
  CHECK(percent(0.831) == "83.1 %");
  CHECK(fixed(NAN, 1) == "–");
}

TEST_CASE("the check for tags sees what is broken") {
  CHECK(broken_tag("<!DOCTYPE html><p a=\"x > y\">1 <br>2</p><circle/>") == "");
  CHECK(broken_tag("<p><b></p></b>") != "");
  CHECK(broken_tag("<p>") != "");
  CHECK(broken_tag("a < b") != "");
  CHECK(broken_tag("</p>") != "");
}

TEST_CASE("gnuplot: a chart for a page is one SVG that takes its colour from the text around it") {
  std::string drawn;
  try {
    drawn = svg(curve_chart("a <b> & \"c\"", {{"it's <i>", {1, 2, 3}, {9, NAN, 1}}}, {.log_y = true},
                            {.width = 480, .height = 300, .titled = true}));
  } catch (const RunError& error) {
    if (std::string(error.what()).find("gnuplot-nox") == std::string::npos) throw;
    return test::skip(error.what());
  }
  CHECK(broken_tag(drawn) == "");
  CHECK(drawn.starts_with("<svg viewBox=\"0 0 480 300\""));
  CHECK(drawn.find("currentColor") != std::string::npos);
  CHECK(drawn.find("black") == std::string::npos);
  CHECK(drawn.find(" id=") == std::string::npos);
  CHECK(drawn.find("http") == std::string::npos);
  CHECK(drawn.find("Gnuplot") == std::string::npos);
  CHECK(count(drawn, "<circle") == 3);  // two points and the one beside the name

  const TemporaryFolder folder;
  write_chart(folder / "alone.svg", missing_chart(synthetic_faces(31, 2)));
  const std::string alone = test::read_text(folder / "alone.svg");
  CHECK(broken_tag(alone) == "");
  CHECK(alone.find("xmlns=\"http://www.w3.org/2000/svg\" width=\"1000\" height=\"600\"") !=
        std::string::npos);
}

TEST_CASE("a chart of dots leaves out what is no number") {
  const Chart chart = dot_chart("dots", {{"1", 1e5, 3}, {"2", 1e7, NAN}, {"3", NAN, 1}, {"4", 2e7, 5}},
                                {.log_x = true, .log_y = true});
  CHECK(count(chart.script, "with points") == 2);
  CHECK(dot_chart("none", {{"1", NAN, NAN}}).script.find("nothing to draw") != std::string::npos);
  CHECK(dot_chart("one", {{"1", 7, 7}}, {.log_x = true, .log_y = true}).script.find("5, 7, 10") !=
        std::string::npos);
}

TEST_CASE("settings that differ are told by their dotted names") {
  TrainConfig a, b;
  CHECK(differences(a, b).empty());
  b.optimizer.rate = 0.25f;
  b.missing = Missing::knn;
  b.stages = {{.epochs = 2, .rate = 0.5f}};
  const std::vector<Difference> found = differences(a, b);
  REQUIRE(found.size() == 3);
  CHECK(found[0] == Difference{"missing", "mask", "knn"});
  CHECK(found[1] == Difference{"optimizer.rate", "0.001", "0.25"});
  CHECK(found[2].b == R"([{"epochs":2,"rate":0.5}])");
  b = a;
  b.epochs = 7, b.out = "x", b.threads = 3;
  CHECK(differences(without_circumstances(a), without_circumstances(b)).empty());
}

TEST_CASE("metrics.json reads back as it was written") {
  const FinishedRun& run = runs()[0];
  const RunFolder folder = RunFolder::open(run.folder);
  RunResult result = run.result;
  result.dev.accuracy = Metrics::kNone;
  result.dev.point_error[3] = Metrics::kNone;
  const TemporaryFolder copy;
  fs::copy(run.folder, copy / "run", fs::copy_options::recursive);
  const RunFolder other = RunFolder::open(copy / "run");
  other.write_metrics(result);
  const RunResult read = other.read_metrics();
  CHECK(read.dev.mse == result.dev.mse);
  CHECK(std::isnan(read.dev.accuracy));
  CHECK(std::isnan(read.dev.point_error[3]));
  CHECK(read.dev.point_error[14] == result.dev.point_error[14]);
  CHECK(read.parameters == result.parameters);
  CHECK(read.epochs == 2);
  test::write_text(copy / "run/metrics.json", "{\"dev_mse\": \"four\"}");
  CHECK_THROWS_AS(other.read_metrics(), InputError);
  test::write_text(copy / "run/metrics.json", "[");
  CHECK_THROWS_AS(other.read_metrics(), InputError);
  fs::remove(copy / "run/metrics.json");
  CHECK_THROWS_WITH_AS(read_finished_run(copy / "run"), doctest::Contains("--resume"), InputError);
}

TEST_CASE("a run is finished when its last epoch is") {
  const FinishedRun& run = runs()[0];
  TrainConfig wanted = run.config;
  CHECK(is_finished(run.folder, wanted));
  wanted.epochs = 1;
  CHECK(is_finished(run.folder, wanted));
  wanted.epochs = 3;
  CHECK_FALSE(is_finished(run.folder, wanted));
  wanted = run.config;
  wanted.stages = {{.epochs = 1, .rate = 1e-5f}};
  CHECK_FALSE(is_finished(run.folder, wanted));
  CHECK_FALSE(is_finished(run.folder / "absent", run.config));
}

TEST_CASE("gnuplot: the page is well formed") {
  if (page().empty()) return;
  CHECK(broken_tag(page()) == "");
  CHECK(page().starts_with("<!DOCTYPE html>"));
  for (const char* id : {"data", "gaps", "curves", "results", "keypoints", "faces", "settings"}) {
    CAPTURE(id);
    CHECK(count(page(), fmt::format("<section id=\"{}\">", id)) == 1);
  }
}

TEST_CASE("gnuplot: the page asks for nothing outside itself and runs nothing") {
  if (page().empty()) return;
  for (const char* word :
       {"http", "//www", "<script", " src=", "url(", "@import", "<iframe", "<link", " onload"}) {
    CAPTURE(word);
    CHECK(page().find(word) == std::string::npos);
  }
  std::map<std::string, int> ids;
  const std::regex id(" id=\"([^\"]*)\""), href("href=\"([^\"]{1,40})");  // pictures are long
  for (std::sregex_iterator at(page().begin(), page().end(), id), end; at != end; ++at) ++ids[(*at)[1]];
  for (const auto& [name, times] : ids) {
    CAPTURE(name);
    CHECK(times == 1);
  }
  for (std::sregex_iterator at(page().begin(), page().end(), href), end; at != end; ++at) {
    const std::string target = (*at)[1];
    CAPTURE(target);
    const bool at_home =
        target.starts_with("data:image/png;base64,") || (target[0] == '#' && ids.contains(target.substr(1)));
    CHECK(at_home);
  }
}

TEST_CASE("gnuplot: the page holds the runs' own numbers, and marks the study's as another data set's") {
  if (page().empty()) return;
  for (const FinishedRun& run : runs()) {
    CHECK(page().find(escaped(run.name)) != std::string::npos);
    CHECK(page().find(fixed(run.result.dev.mse, 2)) != std::string::npos);
    CHECK(page().find(fixed(run.result.dev.point_error[10], 2)) != std::string::npos);
  }
  CHECK(page().find(grouped(runs()[0].result.parameters)) != std::string::npos);
  CHECK(count(page(), "<tr class=\"other\">") == 2);
  CHECK(page().find("another data set") != std::string::npos);
  CHECK(page().find("What it costs") != std::string::npos);  // they differ in their gaps alone
  CHECK(count(page(), "<figure class=\"face\">") == 4 * 6 - 4 + 2 * (5 + 5));  // drop leaves four of six out
  CHECK(count(page(), "<figure class=\"face gone\">") == 4);
}

TEST_CASE("gnuplot: one run makes a page, none does not") {
  if (page().empty()) return;
  const std::string alone = report_page(std::span(runs()).first(1), {});
  CHECK(broken_tag(alone) == "");
  CHECK(alone.find("What it costs") == std::string::npos);
  CHECK_THROWS_AS(report_page({}, {}), InputError);
}

TEST_CASE("gnuplot: runs of other points and other pictures stand on one page") {
  if (page().empty()) return;
  const TemporaryFolder folder;
  test::write_text(
      folder / "three.toml",
      "name = \"three\"\npoints = [\"nose_tip\", \"mouth_left_corner\", \"mouth_right_corner\"]\n");
  TrainConfig config = runs()[0].config;
  config.points = (folder / "three.toml").string();
  config.picture = {.height = 64, .width = 48, .channels = 3};
  config.dev_rows = 0, config.dev_every = 5;  // the dev set has gaps, too
  config.out = (folder / "three").string();
  train(config);
  const std::vector<FinishedRun> both = {runs()[0], read_finished_run(config.out)};
  const std::string mixed = report_page(both, {}), alone = report_page(std::span(both).last(1), {});
  for (const std::string& text : {mixed, alone}) CHECK(broken_tag(text) == "");
  CHECK(count(mixed, "<td style=\"background:rgb(var(--warm) / 0.00)\">–</td>") == 12);
  CHECK(mixed.find("the largest of its outputs") != std::string::npos);
  CHECK(mixed.find("(96x96, grey; 48x64, RGB)") != std::string::npos);
  CHECK(mixed.find("the distance of its eyes (contest15) or the root of the area") != std::string::npos);
  CHECK(alone.find("colour faces of 48 by 64 pixels, three keypoints each (three).") != std::string::npos);
  CHECK(alone.find("the largest of 6 outputs") != std::string::npos);
  CHECK(alone.find("viewBox=\"0 0 72 96\"") != std::string::npos);
  CHECK(alone.find("published") == std::string::npos);
}

TEST_CASE("gaps are shown where no row is complete, and where there are none") {
  Split split;
  split.train = split.dev = synthetic_faces_complete(9, 2);
  FaceAlbum album;
  const std::string none = gaps_section(split, runs(), album).body;
  CHECK(broken_tag(none) == "");
  CHECK(none.find("There are none") != std::string::npos);
  for (size_t row = 0; row < split.train.size(); ++row)
    split.train.keypoints[row][2 * row] = split.train.keypoints[row][2 * row + 1] = kMissing;
  const std::string all = gaps_section(split, runs(), album).body;
  CHECK(broken_tag(all) == "");
  CHECK(all.find("no row would stay") != std::string::npos);
  CHECK(count(all, "<figure class=\"face gone\">") == 6);
}

TEST_CASE("a page whose data is gone says how to tell where it is") {
  FinishedRun run = runs()[0];
  run.config.data = "absent.csv";
  CHECK_THROWS_WITH_AS(report_page(std::span(&run, 1), {}), doctest::Contains("--data"), InputError);
}

}  // namespace lineament
