// The command as its user meets it: what it prints, what it leaves behind, how it exits.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>
#include <vector>

#include "data/contest.h"
#include "data/drawn/synthetic.h"
#include "data/pictures/picture.h"
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

constexpr const char* kTiny =
    "--model baseline --rows 120 --dev-rows 11 --batch 13";  // 9 batches, the last one smaller

/// A tiny run that several tests read, trained once.
const TemporaryFolder& trained() {
  static const TemporaryFolder folder;
  static const Outcome outcome = run(folder, fmt::format("train {} --epochs 2 --out run", kTiny));
  CAPTURE(outcome.err);
  REQUIRE(outcome.code == 0);
  return folder;
}
std::string run_path() { return (trained() / "run").string(); }

/// A checkpoint's tensors, without the header: it tells how many epochs were asked for.
std::string tensors(const fs::path& file) {
  const std::string bytes = test::read_text(file);
  REQUIRE(bytes.size() > 8);
  uint64_t header = 0;
  for (int i = 7; i >= 0; --i)
    header = header << 8 | static_cast<unsigned char>(bytes[static_cast<size_t>(i)]);
  REQUIRE(bytes.size() > 8 + header);
  return bytes.substr(8 + header);
}

/// history.csv without its last column, the seconds.
std::string history(const fs::path& file) {
  std::istringstream in(test::read_text(file));
  std::string text;
  for (std::string line; std::getline(in, line);) text += line.substr(0, line.rfind(',')) + '\n';
  return text;
}

std::string csv_image(std::span<const uint8_t> pixels) {
  std::string text;
  for (uint8_t v : pixels) text += fmt::format("{}{}", text.empty() ? "" : " ", v);
  return text;
}

/// test.csv with these faces.
std::string test_csv(const Faces& faces) {
  std::string text = "ImageId,Image\n";
  for (size_t i = 0; i < faces.size(); ++i)
    text += fmt::format("{},{}\n", faces.ids[i], csv_image(faces.image(i)));
  return text;
}

/// The numbers of a keypoints.csv, row by row.
std::vector<std::vector<double>> numbers(const std::string& csv) {
  std::vector<std::vector<double>> rows;
  std::istringstream in(csv);
  std::string line, field;
  std::getline(in, line);
  while (std::getline(in, line)) {
    rows.emplace_back();
    std::istringstream fields(line);
    std::getline(fields, field, ',');
    while (std::getline(fields, field, ',')) rows.back().push_back(test::number(field));
  }
  return rows;
}

}  // namespace

TEST_CASE("every command explains itself") {
  TemporaryFolder folder;
  for (const char* command : {"", "train", "evaluate", "predict", "submit", "describe", "impute", "study", "classify", "plan",
                              "bench step", "bench kernels", "weights", "convert", "augment", "stack", "audit"}) {
    CAPTURE(command);
    const Outcome outcome = run(folder, fmt::format("{} --help", command));
    CHECK(outcome.code == 0);
    CHECK(outcome.out.find("usage: lineament") != std::string::npos);
    CHECK(outcome.err.empty());
    std::istringstream lines(outcome.out);
    for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 110);
    CHECK((outcome.out.find("--device") == std::string::npos) == (outcome.out.find("--precision") == std::string::npos));
  }
  CHECK(run(folder, "--version").code == 0);
}

TEST_CASE("wrong usage is refused in one line") {
  TemporaryFolder folder;
  check_refused(folder, "", "ommand");
  check_refused(folder, "trian", "trian");
  check_refused(folder, "train --epoch 3", "--epoch");
  check_refused(folder, "train --epochs three", "--epochs");
  check_refused(folder, "train --epochs 0", "--epochs");
  check_refused(folder, "train --batch -1", "--batch");
  check_refused(folder, "train --model resnet18000", "resnet18000");
  check_refused(folder, "train --missing guess", "guess");
  check_refused(folder, "train --optimizer magic", "magic");
  check_refused(folder, "train --schedule never", "never");
  check_refused(folder, "train --device abacus", "abacus");
  check_refused(folder, "train --precision half", "--precision half");
  check_refused(folder, "train --precision bf16", "--precision bf16: the CPU");
  check_refused(folder, fmt::format("evaluate {} --split test", run_path()), "--split");
  check_refused(folder, fmt::format("predict {}", run_path()), "INPUT");
  check_refused(folder, fmt::format("predict {} face.png --format xml", run_path()), "--format");
}

TEST_CASE("input that cannot be used is refused by its name") {
  TemporaryFolder folder;
  const Faces face = synthetic_faces(1);
  test::write_text(folder / "short.csv",
                   "ImageId,Image\n1," + csv_image(face.image(0).first(contest::kValues - 1)) + "\n");
  test::write_text(folder / "words.png", "these are words\n");
  test::write_text(folder / "file", "");
  check_refused(folder, "train --data absent.csv", "absent.csv");
  check_refused(folder, "train --data words.png", "words.png");
  check_refused(folder, "train --config absent.json", "absent.json");
  check_refused(folder, fmt::format("train {} --epochs 1 --out file/run", kTiny), "file/run");
  check_refused(folder, "train --resume --out absent", "absent");
  check_refused(folder, fmt::format("train --out {}", run_path()), run_path());
  check_refused(folder, "evaluate absent", "absent");
  check_refused(folder, "evaluate words.png", "words.png");
  check_refused(folder, "evaluate .", ".");
  check_refused(folder, fmt::format("evaluate {} --data absent", run_path()), "absent");
  check_refused(folder, fmt::format("predict {} absent.png", run_path()), "absent.png");
  check_refused(folder, fmt::format("predict {} words.png", run_path()), "words.png");
  check_refused(folder, fmt::format("predict {} short.csv", run_path()),
                "short.csv:2: 9215 pixels, expected 9216");
  check_refused(folder, fmt::format("submit {} --data absent", run_path()), "absent");
}

TEST_CASE("a checkpoint cut short is refused by its name") {
  TemporaryFolder folder;
  const std::string whole = test::read_text(trained() / "run/model.safetensors");
  for (size_t bytes : {size_t{0}, size_t{5}, size_t{100}, whole.size() / 2, whole.size() - 1}) {
    CAPTURE(bytes);
    test::write_text(folder / "cut.safetensors", whole.substr(0, bytes));
    check_refused(folder, "evaluate cut.safetensors", "cut.safetensors");
  }
}

TEST_CASE("a checkpoint of another model is refused") {
  TemporaryFolder folder;
  fs::copy(run_path(), folder / "run", fs::copy_options::recursive);
  std::string config = test::read_text(folder / "run/config.json");
  const size_t at = config.find("\"baseline\"");
  REQUIRE(at != std::string::npos);
  test::write_text(folder / "run/config.json", config.replace(at, 10, "\"dense2\""));
  check_refused(folder, "train --resume --out run --epochs 3", "model.safetensors");
}

TEST_CASE("a training leaves everything in its folder and plain lines in a pipe") {
  const std::string out = test::read_text(trained() / "out");
  for (const char* name : {"config.json", "history.csv", "metrics.json", "model.safetensors",
                           "last.safetensors", "curves.png", "predictions.png"}) {
    CAPTURE(name);
    CHECK(fs::file_size(trained() / "run" / name) > 0);
  }
  CHECK(std::distance(fs::directory_iterator(trained() / "run"), {}) == 7);
  CHECK(out.find("epoch   2/2") != std::string::npos);
  CHECK(out.find_first_of("\r\033") == std::string::npos);
}

TEST_CASE("a training resumed is the training that was never stopped, bit for bit") {
  TemporaryFolder folder;
  const std::string whole = "--schedule constant --stop-patience 9 --plateau-patience 1 --out whole";
  REQUIRE(run(folder, fmt::format("train {} --epochs 4 {}", kTiny, whole)).code == 0);
  const std::string parts = "--schedule constant --stop-patience 9 --plateau-patience 1 --out parts";
  REQUIRE(run(folder, fmt::format("train {} --epochs 2 {}", kTiny, parts)).code == 0);
  REQUIRE(run(folder, "train --resume --epochs 4 --out parts").code == 0);
  CHECK(history(folder / "whole/history.csv") == history(folder / "parts/history.csv"));
  const bool last = tensors(folder / "whole/last.safetensors") == tensors(folder / "parts/last.safetensors");
  const bool best =
      tensors(folder / "whole/model.safetensors") == tensors(folder / "parts/model.safetensors");
  CHECK(last);
  CHECK(best);
}

TEST_CASE("a training that was killed goes on as if it had not been") {
  TemporaryFolder folder;
  const std::string line = fmt::format("cd '{}' && exec '{}' train {} --epochs 60 --out killed >out 2>err",
                                       folder.path.string(), LINEAMENT_COMMAND, kTiny);
  const pid_t child = fork();
  if (child == 0) execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
  REQUIRE(child > 0);
  for (int tries = 0; tries < 6000 && !fs::exists(folder / "killed/last.safetensors"); ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE(WIFSIGNALED(status));  // else it was done before it could be killed

  const Outcome resumed = run(folder, "train --resume --out killed");
  CAPTURE(resumed.err);
  REQUIRE(resumed.code == 0);
  REQUIRE(run(folder, fmt::format("train {} --epochs 60 --out whole", kTiny)).code == 0);
  CHECK(history(folder / "whole/history.csv") == history(folder / "killed/history.csv"));
  const bool last = test::read_text(folder / "whole/last.safetensors") ==
                    test::read_text(folder / "killed/last.safetensors");
  CHECK(last);
}

TEST_CASE("a run resumed keeps what it was started with") {
  TemporaryFolder folder;
  fs::copy(run_path(), folder / "run", fs::copy_options::recursive);
  check_refused(folder, "train --resume --out run --batch 64", "--batch");
  CHECK(run(folder, "train --resume --out run --batch 13 --epochs 3").code == 0);
}

TEST_CASE("a full disk is said and leaves no half file") {
  TemporaryFolder folder;
  const Outcome outcome =
      run(folder, fmt::format("train {} --epochs 1 --out run", kTiny), "trap '' XFSZ && ulimit -f 100 &&");
  CAPTURE(outcome.err);
  CHECK(outcome.code == 2);
  CHECK(outcome.err.starts_with("lineament: "));
  CHECK(std::ranges::count(outcome.err, '\n') == 1);
  CHECK(outcome.err.find(".safetensors") != std::string::npos);
  CHECK_FALSE(fs::exists(folder / "run/last.safetensors"));
  for (const auto& entry : fs::directory_iterator(folder / "run")) CHECK(entry.path().extension() != ".tmp");

  const std::string line =
      fmt::format("'{}' --help >/dev/full 2>'{}'", LINEAMENT_COMMAND, (folder / "err").string());
  CHECK(WEXITSTATUS(std::system(line.c_str())) == 1);
}

TEST_CASE("evaluate measures what the training measured") {
  TemporaryFolder folder;
  const Outcome outcome = run(folder, fmt::format("evaluate {} --json", run_path()));
  REQUIRE(outcome.code == 0);
  const Json page = Json::parse(outcome.out);
  const Json metrics = Json::parse(test::read_text(trained() / "run/metrics.json"));
  CHECK(page["faces"] == 11);
  CHECK(page["mse"].get<double>() == doctest::Approx(metrics["dev_mse"].get<double>()).epsilon(1e-5));
  CHECK(page["point_error"].size() == contest::kPoints);
  CHECK(run(folder, fmt::format("evaluate {}", run_path())).out.find("nose_tip") != std::string::npos);
}

TEST_CASE("a face is answered alike from a picture, from csv and from within a larger picture") {
  TemporaryFolder folder;
  const Faces faces = synthetic_faces(3);
  test::write_text(folder / "test.csv", test_csv(faces));
  const Picture face = face_picture(faces, 1);
  write_png(folder / "face.png", face);
  Picture large = plain_picture(201, 157, 1, 90);
  for (int y = 0; y < contest::kSide; ++y)
    for (int x = 0; x < contest::kSide; ++x) large.at(x + 31, y + 7) = face.at(x, y);
  write_png(folder / "large.png", large);

  const std::string run_folder = run_path();
  const Outcome table = run(folder, fmt::format("predict {} test.csv", run_folder));
  const Outcome picture = run(folder, fmt::format("predict {} face.png", run_folder));
  const Outcome boxed = run(folder, fmt::format("predict {} large.png --box 31 7 96", run_folder));
  REQUIRE(table.code == 0);
  REQUIRE(picture.code == 0);
  REQUIRE(boxed.code == 0);
  const auto in_table = numbers(table.out), in_picture = numbers(picture.out), in_box = numbers(boxed.out);
  REQUIRE(in_table.size() == 3);
  REQUIRE(in_picture.size() == 1);
  REQUIRE(in_table[1].size() == contest::kCoordinates);
  for (size_t i = 0; i < contest::kCoordinates; ++i) {
    CHECK(in_picture[0][i] == doctest::Approx(in_table[1][i]).epsilon(1e-4));
    CHECK(in_box[0][i] == doctest::Approx(in_picture[0][i] + (i % 2 == 0 ? 31 : 7)).epsilon(1e-4));
  }
  check_refused(folder, fmt::format("predict {} large.png --box 150 7 96", run_folder), "201x157");
}

TEST_CASE("predictions are drawn and written as JSON, one drawing for each input") {
  TemporaryFolder folder;
  fs::create_directory(folder / "other");
  write_png(folder / "face.png", face_picture(synthetic_faces(1), 0));
  write_png(folder / "other/face.png", resize(face_picture(synthetic_faces(1), 0), 300, 211));
  const Outcome outcome =
      run(folder,
          fmt::format("predict {} face.png other/face.png --format json --draw --out answers", run_path()));
  CAPTURE(outcome.err);
  REQUIRE(outcome.code == 0);
  const Json page = Json::parse(test::read_text(folder / "answers/keypoints.json"));
  REQUIRE(page.size() == 2);
  CHECK(page[1]["image"] == "other/face.png");
  CHECK(page[1]["keypoints"]["nose_tip"].size() == 2);
  CHECK(read_picture(folder / "answers/face.png").width == 96);
  const Picture second = read_picture(folder / "answers/face-2.png");
  CHECK(second.width == 300);
  CHECK(second.height == 211);
}

TEST_CASE("a submission answers every row of the lookup table") {
  TemporaryFolder folder;
  test::write_text(folder / "test.csv", test_csv(synthetic_faces(3)));
  test::write_text(
      folder / "IdLookupTable.csv",
      "RowId,ImageId,FeatureName,Location\n1,1,nose_tip_x,\n2,1,nose_tip_y,\n3,3,left_eye_center_x,\n");
  const Outcome outcome = run(folder, fmt::format("submit {} --data .", run_path()));
  CAPTURE(outcome.err);
  REQUIRE(outcome.code == 0);
  std::istringstream in(test::read_text(folder / "submission.csv"));
  std::string line;
  std::getline(in, line);
  CHECK(line == "RowId,Location");
  for (int row = 1; row <= 3; ++row) {
    REQUIRE(std::getline(in, line));
    CHECK(line.starts_with(fmt::format("{},", row)));
    const double location = test::number(line.substr(line.find(',') + 1));
    CHECK(location >= 0);
    CHECK(location <= 96);
  }
  CHECK_FALSE(std::getline(in, line));
}

}  // namespace lineament
