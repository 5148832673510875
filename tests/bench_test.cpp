// `lineament bench` as programs read it: what it names, that its counts are right and its numbers possible.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/support.h"

namespace lineament {
namespace {

using Json = nlohmann::json;

struct Outcome {
  int code;
  std::string out, err;
};

Outcome bench(const std::string& arguments) {
  test::TemporaryFolder folder;
  const std::string line =
      fmt::format("cd '{}' && '{}' bench {} >out 2>err", folder.path.string(), LINEAMENT_COMMAND, arguments);
  const int status = std::system(line.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, test::read_text(folder / "out"),
          test::read_text(folder / "err")};
}

Json bench_json(const std::string& arguments) {
  CAPTURE(arguments);
  const Outcome outcome = bench(arguments + " --json");
  CAPTURE(outcome.err);
  REQUIRE(outcome.code == 0);
  return Json::parse(outcome.out);
}

bool in(double value, double low, double high) { return value > low && value < high; }

// The study's CNN on n pictures: multiply-adds, counted 2, of one pass of each layer.
constexpr double conv_flops(double n) { return n * 2 * 94 * 94 * 64 * 9; }
constexpr double dense_flops(double n) { return n * 2 * (141376 * 96 + 96 * 30); }

}  // namespace

TEST_CASE("bench machine measures each level of memory on one thread and on two") {
  const Json machine = bench_json("machine --threads 2");
  CHECK(machine["threads"] == 2);
  CHECK(machine["cpus"] >= 1);
  CHECK(machine["bounded_by"].get<std::string>() != "");
  CHECK(std::set<std::string>{"avx512", "avx2", "portable"}.contains(machine["level"].get<std::string>()));
  CHECK(in(machine["fma_gflops_1_thread"], 0.1, 1e4));
  std::set<std::pair<std::string, int>> levels;
  for (const Json& row : machine["bandwidth"]) {
    levels.emplace(row["level"], row["threads"]);
    for (const char* sweep : {"read_gbps", "copy_gbps", "triad_gbps"}) CHECK(in(row[sweep], 0.01, 1e5));
  }
  for (const int threads : {1, 2})
    for (const char* level : {"L1", "L2", "memory"}) CHECK(levels.contains({level, threads}));
}

TEST_CASE("bench kernels names each piece of work once and counts its flops") {
  const Json report =
      bench_json("kernels --models cnn,cnn --batch 3 --filter 'conv2d 3x3' --runs 1 --threads 1");
  REQUIRE(report["rows"].size() == 2);  // pictures need no gradient
  std::set<std::string> passes;
  for (const Json& row : report["rows"]) {
    CHECK(row["name"] == "conv2d 3x3/1 96x96x1 to 94x94x64");
    CHECK(row["kernel"].get<std::string>().starts_with("conv2d"));
    CHECK(row["gflops"].get<double>() * row["ms"].get<double>() * 1e6 == doctest::Approx(conv_flops(3)));
    CHECK(in(row["peak_percent"], 0, 1000));
    CHECK(row["onednn_ms"].is_null());
    passes.insert(row["pass"]);
  }
  CHECK(passes == std::set<std::string>{"forward", "dw"});
  CHECK(report["machine"]["threads"] == 1);
}

TEST_CASE("bench kernels runs every op of a training step, optimiser and all") {
  const Json report =
      bench_json("kernels --models mobilenet_0.25,cnn --batch 2 --runs 1 --vs eigen --threads 1");
  std::set<std::string> ops;
  for (const Json& row : report["rows"]) {
    const std::string name = row["name"];
    ops.insert(name.substr(0, name.find(' ')));
    CHECK(row["ms"].get<double>() > 0);
    if (row.contains("eigen_ratio")) CHECK(row["eigen_ratio"].get<double>() > 0);
  }
  for (const char* op :
       {"conv2d", "depthwise_conv2d", "dense", "batch_norm", "max_pool", "activate", "adam"}) {
    CAPTURE(op);
    CHECK(ops.contains(op));
  }
  CHECK(std::ranges::any_of(report["means"], [](const Json& mean) { return mean["group"] == "depthwise"; }));
}

TEST_CASE("bench kernels has oneDNN beside it, or says how to") {
  const std::string line = "kernels --models cnn --batch 2 --filter 'dense 96 to 30' --runs 3 --vs onednn";
  const Outcome outcome = bench(line);
  if (outcome.code == 2) {
    CHECK(outcome.err.find("LINEAMENT_ONEDNN") != std::string::npos);
    return;
  }
  for (const Json& row : bench_json(line)["rows"]) {
    CHECK(row["onednn_ms"].get<double>() > 0);
    CHECK(row["onednn_ratio"].get<double>() > 0);
  }
}

TEST_CASE("bench step counts the flops of a training step and of inference") {
  const auto start = std::chrono::steady_clock::now();
  const Json train = bench_json("step cnn --batch 2 --steps 3 --as-peers");
  const double whole_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  CHECK(train["flops"].get<double>() == doctest::Approx(2 * conv_flops(2) + 3 * dense_flops(2)));
  constexpr double kMostFlops = 1e13;  // a second: beyond any processor's
  CHECK(in(train["ms"], 1e3 * train["flops"].get<double>() / kMostFlops, whole_ms / 3));
  CHECK(in(train["images_per_s"], 2 * 3 / (1e-3 * whole_ms), 2 * kMostFlops / train["flops"].get<double>()));
  CHECK(train["peak_rss_mb"].get<double>() > train["base_rss_mb"].get<double>());
  CHECK(train["arena_mb"].get<double>() > 2 * 94 * 94 * 64 * 4 / 1e6);
  const Json infer = bench_json("step cnn --batch 2 --steps 1 --infer");
  CHECK(infer["flops"].get<double>() == doctest::Approx(conv_flops(2) + dense_flops(2)));
  CHECK(infer["arena_mb"] < train["arena_mb"]);
}

TEST_CASE("the profile of a step accounts for 95 % of it") {
  const Json profile = bench_json("step cnn --batch 5 --steps 3 --profile")["profile"];
  CHECK(in(profile["covered_percent"], 95, 100.001));
  for (const char* lines : {"kernels", "work"}) {
    double percent = 0;
    for (const Json& line : profile[lines]) percent += line["percent"].get<double>();
    CHECK(percent == doctest::Approx(profile["covered_percent"].get<double>()));
    CHECK(std::ranges::is_sorted(profile[lines], std::greater(),
                                 [](const Json& line) { return line["ms"].get<double>(); }));
  }
}

TEST_CASE("bench refuses what it does not know in one line") {
  for (const auto& [arguments, expected] : {std::pair{"step nonsense", "nonsense"},
                                            {"kernels --models nonsense", "nonsense"},
                                            {"kernels --models cnn --filter nonsense", "nonsense"},
                                            {"kernels --models cnn --kernel nonsense", "nonsense"},
                                            {"kernels --vs nonsense", "nonsense"},
                                            {"step cnn --batch 0", "--batch 0"},
                                            {"step cnn --steps 0", "--steps 0"},
                                            {"step cnn --device abacus", "--device abacus"},
                                            {"step cnn --precision half", "--precision half"},
                                            {"step cnn --precision tf32", "--precision tf32"},
                                            {"step dense2 --as-peers", "dense2"},
                                            {"step cnn --as-peers --dense 96", "--as-peers"},
                                            {"machine --threads -1", "--threads -1"},
                                            {"nonsense", "nonsense"}}) {
    CAPTURE(arguments);
    const Outcome outcome = bench(arguments);
    CHECK(outcome.code == 2);
    CHECK(outcome.out.empty());
    CHECK(std::ranges::count(outcome.err, '\n') == 1);
    CHECK(outcome.err.find(expected) != std::string::npos);
  }
}

}  // namespace lineament
