// lineament study, report and compare as their user meets them.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "tests/command_run.h"
#include "tests/support.h"

namespace lineament {
namespace {

namespace fs = std::filesystem;
using test::check_refused;
using test::Outcome;
using test::run;
using test::TemporaryFolder;
using Json = nlohmann::json;

constexpr const char* kTiny = "--set rows=150 --set dev_rows=11";

/// a.toml and b.toml, which differ in their gaps alone; and one that wants weights that are not there.
void write_recipes(const TemporaryFolder& folder) {
  const std::string common = "model = \"baseline\"\nbatch = 13\n";
  test::write_text(folder / "a.toml", common + "epochs = 3\n");
  test::write_text(folder / "b.toml", common + "epochs = 3\nmissing = \"drop\"\n");
  test::write_text(folder / "long.toml", common + "epochs = 40\n");
  test::write_text(folder / "staged.toml", common + "epochs = 9\n[[stages]]\nepochs = 5\nrate = 1e-5\n");
  test::write_text(folder / "pretrained.toml",
                   "model = \"mobilenet\"\nweights = \"mobilenet.safetensors\"\nepochs = 1\n");
}

/// history.csv without its last column, the seconds.
std::string history(const fs::path& file) {
  std::istringstream in(test::read_text(file));
  std::string text;
  for (std::string line; std::getline(in, line);) text += line.substr(0, line.rfind(',')) + '\n';
  return text;
}

int epochs_of(const fs::path& run) { return Json::parse(test::read_text(run / "metrics.json"))["epochs"]; }

/// A study of two recipes that several tests read, done once.
const TemporaryFolder& studied() {
  static const TemporaryFolder folder;
  static const Outcome outcome = [] {
    write_recipes(folder);
    return run(folder, fmt::format("study --recipes a.toml,b.toml {} --epochs 2", kTiny));
  }();
  CAPTURE(outcome.err);
  REQUIRE(outcome.code == 0);
  return folder;
}

/// The same study for a test of its own.
void copy_study(const TemporaryFolder& folder) {
  fs::copy(studied().path, folder.path, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
}

}  // namespace

TEST_CASE("study, report and compare explain themselves") {
  TemporaryFolder folder;
  for (const char* command : {"study", "report", "compare"}) {
    CAPTURE(command);
    const Outcome outcome = run(folder, fmt::format("{} --help", command));
    CHECK(outcome.code == 0);
    CHECK(outcome.out.find(fmt::format("usage: lineament {}", command)) != std::string::npos);
    std::istringstream lines(outcome.out);
    for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 110);
  }
}

TEST_CASE("a study trains each recipe in its folder and shows all on one page") {
  for (const char* name : {"a", "b"}) {
    CAPTURE(name);
    CHECK(epochs_of(studied() / "runs/study" / name) == 2);  // --epochs went before the recipes' three
  }
  const std::string page = test::read_text(studied() / "runs/study/report.html");
  CHECK(page.find("What it costs") != std::string::npos);
  const std::string out = test::read_text(studied() / "out");
  CHECK(out.find("[2/2] b: begins") != std::string::npos);
  CHECK(out.find("runs/study/report.html") != std::string::npos);
}

TEST_CASE("a study again leaves alone what is done, and goes on where more is asked for") {
  TemporaryFolder folder;
  copy_study(folder);
  const auto written = fs::last_write_time(folder / "runs/study/a/model.safetensors");
  Outcome again = run(folder, fmt::format("study --recipes a.toml,b.toml {} --epochs 2", kTiny));
  CAPTURE(again.err);
  CHECK(again.code == 0);
  CHECK(again.out.find("[1/2] a: is done") != std::string::npos);
  CHECK(fs::last_write_time(folder / "runs/study/a/model.safetensors") == written);
  again = run(folder, fmt::format("study --recipes a.toml {}", kTiny));
  CHECK(again.out.find("[1/1] a: goes on") != std::string::npos);
  CHECK(epochs_of(folder / "runs/study/a") == 3);
  CHECK(epochs_of(folder / "runs/study/b") == 2);
}

TEST_CASE("a study that was killed goes on as if it had not been") {
  TemporaryFolder folder;
  write_recipes(folder);
  const std::string study = fmt::format("study --recipes long.toml,b.toml {}", kTiny);
  const std::string line =
      fmt::format("cd '{}' && exec '{}' {} >out 2>err", folder.path.string(), LINEAMENT_COMMAND, study);
  const pid_t child = fork();
  if (child == 0) execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
  REQUIRE(child > 0);
  for (int tries = 0; tries < 6000 && !fs::exists(folder / "runs/study/long/last.safetensors"); ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE(WIFSIGNALED(status));  // else it was done before it could be killed
  REQUIRE_FALSE(fs::exists(folder / "runs/study/long/metrics.json"));

  const Outcome outcome = run(folder, study);
  CAPTURE(outcome.err);
  REQUIRE(outcome.code == 0);
  CHECK(outcome.out.find("[1/2] long: goes on") != std::string::npos);
  CHECK(epochs_of(folder / "runs/study/b") == 3);
  REQUIRE(run(folder, fmt::format("study --recipes long.toml {} --out whole", kTiny)).code == 0);
  CHECK(history(folder / "runs/study/long/history.csv") == history(folder / "whole/long/history.csv"));
}

TEST_CASE("--epochs is the most of each stage") {
  TemporaryFolder folder;
  write_recipes(folder);
  const std::string study = fmt::format("study --recipes staged.toml {} --epochs 1", kTiny);
  const Outcome outcome = run(folder, study);
  CAPTURE(outcome.err);
  REQUIRE(outcome.code == 0);
  CHECK(epochs_of(folder / "runs/study/staged") == 2);
  CHECK(run(folder, study).out.find("is done") != std::string::npos);
}

TEST_CASE("a recipe without its weights is told of, and the others are done") {
  TemporaryFolder folder;
  write_recipes(folder);
  const std::string study = fmt::format("study --recipes pretrained.toml,a.toml {} --epochs 1", kTiny);
  const Outcome outcome = run(folder, study);
  CAPTURE(outcome.out);
  CHECK(outcome.code == 1);
  CHECK(outcome.out.find("lineament weights fetch mobilenet") != std::string::npos);
  CHECK(outcome.err == "lineament: 1 of 2 recipes are not done: pretrained\n");
  CHECK(epochs_of(folder / "runs/study/a") == 1);
  CHECK(test::read_text(folder / "runs/study/report.html").find(">1</span>a") != std::string::npos);

  fs::create_directories(folder / "runs/weights");
  test::write_text(folder / "runs/weights/mobilenet.safetensors", "no weights");
  const auto check_named = [&](const std::string& arguments, const std::string& file) {  // and the other is done already
    const Outcome again = run(folder, arguments);
    CAPTURE(again.out);
    CHECK(again.code == 1);
    CHECK(again.out.find(file) != std::string::npos);
    CHECK(again.out.find("a: is done") != std::string::npos);
  };
  check_named(study, "runs/weights/mobilenet.safetensors");
  fs::create_directories(folder / "elsewhere");
  test::write_text(folder / "elsewhere/mobilenet.safetensors", "no weights");
  check_named(study + " --weights elsewhere", "elsewhere/mobilenet.safetensors");
}

TEST_CASE("a study that cannot be is refused before it begins") {
  TemporaryFolder folder;
  copy_study(folder);
  const std::string both = fmt::format("study --recipes a.toml,b.toml {}", kTiny);
  check_refused(folder, "study --recipes baselin", "baseline");
  check_refused(folder, "study --recipes absent.toml", "absent.toml");
  check_refused(folder, "study --recipes a.toml,./a.toml", "twice");
  check_refused(folder, "study --recipes a.toml --epochs -1", "--epochs");
  check_refused(folder, "study --recipes a.toml --data absent.zip", "absent.zip");
  check_refused(folder, "study --recipes a.toml --set optimizer.rat=1", "optimizer.rate");
  check_refused(folder, "study --recipes pretrained.toml --small", "--small");
  check_refused(folder, both + " --set optimizer.rate=0.5", "optimizer.rate");
  check_refused(folder, both + " --set batch=0", "--batch");
}

TEST_CASE("a report is made of finished runs alone") {
  TemporaryFolder folder;
  copy_study(folder);
  const Outcome outcome = run(folder, "report runs/study/b runs/study/a --out page.html --title 'Two & two'");
  CAPTURE(outcome.err);
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "page.html: 2 runs\n");
  CHECK(test::read_text(folder / "page.html").find("<h1>Two &amp; two</h1>") != std::string::npos);
  check_refused(folder, "report", "RUN");
  check_refused(folder, "report absent", "absent");
  check_refused(folder, "report runs/study/a --out absent/page.html", "absent");
  fs::remove(folder / "runs/study/a/metrics.json");
  check_refused(folder, "report runs/study/b runs/study/a", "runs/study/a");
  fs::remove(folder / "runs/study/b/model.safetensors");
  check_refused(folder, "report runs/study/b", "model.safetensors");
}

TEST_CASE("runs are compared by their own numbers") {
  TemporaryFolder folder;
  copy_study(folder);
  const Outcome outcome = run(folder, "compare runs/study/a runs/study/b --json");
  CAPTURE(outcome.err);
  REQUIRE(outcome.code == 0);
  const Json page = Json::parse(outcome.out);
  const Json a = Json::parse(test::read_text(folder / "runs/study/a/metrics.json"));
  const Json b = Json::parse(test::read_text(folder / "runs/study/b/metrics.json"));
  CHECK(page["settings"].size() == 2);
  CHECK(page["settings"]["missing"] == Json{{"a", "mask"}, {"b", "drop"}});
  CHECK(page["settings"].contains("out"));
  for (const char* key :
       {"parameters", "epochs", "best_epoch", "dev_mse", "dev_rmse", "dev_accuracy", "dev_nme",
        "dev_failure_rate", "dev_failure_rate_8", "dev_auc_8", "seconds", "images_per_second"}) {
    CAPTURE(key);
    CHECK(page[key]["a"].get<double>() == a[key].get<double>());
    CHECK(page[key]["b"].get<double>() == b[key].get<double>());
    CHECK(page[key]["difference"].get<double>() == b[key].get<double>() - a[key].get<double>());
  }
  CHECK(page["point_error"].size() == 15);
  CHECK(page["point_error"]["nose_tip"]["b"] == b["keypoints"]["nose_tip"]);

  const std::string table = run(folder, "compare runs/study/a runs/study/b").out;
  CHECK(table.find(fmt::format("{:+.3f}", b["dev_mse"].get<double>() - a["dev_mse"].get<double>())) !=
        std::string::npos);
  const Json same = Json::parse(run(folder, "compare runs/study/a runs/study/a --json").out);
  CHECK(same["settings"].empty());
  CHECK(same["dev_mse"]["difference"] == 0.0);
}

TEST_CASE("what is no finished run is not compared") {
  TemporaryFolder folder;
  copy_study(folder);
  check_refused(folder, "compare runs/study/a", "B");
  check_refused(folder, "compare runs/study/a absent", "absent");
  check_refused(folder, "compare . runs/study/a", "config.json");
  test::write_text(folder / "runs/study/a/history.csv", "nonsense\n");
  check_refused(folder, "compare runs/study/a runs/study/b", "history.csv:1");
  fs::remove(folder / "runs/study/b/metrics.json");
  check_refused(folder, "compare runs/study/b runs/study/b", "--resume --out runs/study/b");
}

}  // namespace lineament
