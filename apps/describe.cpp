// lineament describe: what a data set holds, as a page of text and three pictures.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "apps/commands.h"
#include "apps/grouped.h"
#include "base/check.h"
#include "data/dataset.h"
#include "data/drawn/synthetic.h"
#include "report/plots.h"
#include "report/sheet.h"

namespace lineament {
namespace {

namespace fs = std::filesystem;

struct DescribeArguments {
  std::string data;  // empty: synthetic faces
  std::string out = "lineament-describe";
  size_t rows = kDefaultSyntheticRows;
  uint64_t seed = kDefaultSyntheticSeed;
};

struct Spread {
  size_t known = 0;
  double sum = 0, least = std::numeric_limits<double>::infinity(), most = -least;

  void add(double v) {
    ++known;
    sum += v;
    least = std::min(least, v), most = std::max(most, v);
  }
  std::string text() const {
    if (known == 0) return fmt::format("{:>7}{:>7}{:>7}", "-", "-", "-");
    return fmt::format("{:>7.1f}{:>7.1f}{:>7.1f}", sum / double(known), least, most);
  }
};

/// A share of 1 as eighths of a character, where there is someone to look at it.
std::string bar(double share, int width) {
  static constexpr std::array kParts = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  if (!isatty(STDOUT_FILENO)) return "";
  int eighths = int(std::lround(share * width * 8));
  std::string text;
  for (int i = 0; i < eighths / 8; ++i) text += "█";
  return text + kParts[size_t(eighths % 8)] + std::string(size_t(width - (eighths + 7) / 8), ' ');
}

void print_page(const Faces& faces, const std::string& title) {
  size_t complete = size_t(std::ranges::count_if(faces.keypoints, is_complete));
  auto percent = [&](size_t n) { return 100 * double(n) / double(faces.size()); };
  fmt::print("{}\n\n", title);
  fmt::print("  rows      {:>8}\n", grouped(faces.size()));
  fmt::print("  complete  {:>8}  {:5.1f} %   have all {} keypoints\n", grouped(complete), percent(complete),
             kPoints);
  fmt::print("  with gaps {:>8}  {:5.1f} %\n\n", grouped(faces.size() - complete),
             percent(faces.size() - complete));

  constexpr int kBarWidth = 12;
  std::string space(isatty(STDOUT_FILENO) ? kBarWidth + 1 : 0, ' ');
  fmt::print("  {:<24}{:>8} {}{:>15}{:>6}{:>15}{:>6}\n", "", "", space, "x [px]", "", "y [px]", "");
  fmt::print("  {:<24}{:>8} {}{:>7}{:>7}{:>7}{:>7}{:>7}{:>7}\n", "keypoint", "missing", space, "mean",
             "least", "most", "mean", "least", "most");
  for (int k = 0; k < kPoints; ++k) {
    Spread x, y;
    for (const Keypoints& points : faces.keypoints) {
      if (std::isnan(points[2 * k]) || std::isnan(points[2 * k + 1])) continue;
      x.add(points[2 * k]), y.add(points[2 * k + 1]);
    }
    size_t missing = faces.size() - x.known;
    std::string drawn = bar(double(missing) / double(faces.size()), kBarWidth);
    fmt::print("  {:<24}{:>6.1f} % {}{}{}{}\n", point_title(k), percent(missing), drawn,
               drawn.empty() ? "" : " ", x.text(), y.text());
  }
}

/// Up to `count` rows spread evenly over the file, half of them complete
/// and half with gaps where there are so many.
std::vector<size_t> pick_rows(const Faces& faces, size_t count) {
  std::array<std::vector<size_t>, 2> kinds;  // with gaps, complete
  for (size_t row = 0; row < faces.size(); ++row) kinds[is_complete(faces.keypoints[row])].push_back(row);
  size_t gaps = std::min(kinds[0].size(), count - std::min(kinds[1].size(), count / 2));
  size_t shares[2] = {gaps, std::min(kinds[1].size(), count - gaps)};
  std::vector<size_t> rows;
  for (int kind : {0, 1})
    for (size_t i = 0; i < shares[kind]; ++i)
      rows.push_back(kinds[kind][i * kinds[kind].size() / shares[kind]]);
  std::ranges::sort(rows);
  return rows;
}

void describe(const DescribeArguments& options) {
  bool synthetic = options.data.empty();
  Faces faces =
      synthetic ? synthetic_faces(options.rows, options.seed) : read_faces(options.data, Labels::given);
  print_page(faces, synthetic ? fmt::format("Synthetic faces of seed {}", options.seed) : options.data);

  fs::path folder = options.out;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail_input("--out {}: the folder cannot be made: {}", options.out, error.message());
  fmt::print("\n");
  auto written = [&](const char* name, const char* what) {
    fmt::print("  {}  {}\n", (folder / name).string(), what);
  };
  plot_missing(folder / "missing.png", faces);
  written("missing.png", "   the share of rows that lack each keypoint");
  plot_histograms(folder / "histograms.png", faces);
  written("histograms.png", "where each keypoint lies");
  write_png(folder / "faces.png", sheet(faces, pick_rows(faces, 24)));
  written("faces.png", "     24 faces with their keypoints");
}

}  // namespace

void add_describe(CLI::App& app) {
  auto options = std::make_shared<DescribeArguments>();
  CLI::App* command =
      app.add_subcommand("describe", "Tell what a data set holds: gaps, ranges, and pictures of it");
  CLI::Option* data = command->add_option(
      "data", options->data, "training.csv, a zip or a folder that holds it; synthetic faces if not given");
  command->add_option("--out", options->out, "Folder for missing.png, histograms.png and faces.png")
      ->capture_default_str();
  command->add_option("--rows", options->rows, "How many synthetic faces")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000))
      ->excludes(data);
  command->add_option("--seed", options->seed, "Seed of the synthetic faces")
      ->capture_default_str()
      ->excludes(data);
  command->callback([options] { describe(*options); });
}

}  // namespace lineament
