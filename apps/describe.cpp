// lineament describe: what a data set holds, as a page of text and three pictures.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "apps/commands.h"
#include "apps/number_option.h"
#include "apps/options.h"
#include "base/grouped.h"
#include "base/check.h"
#include "base/inputs.h"
#include "base/paths.h"
#include "data/drawn/synthetic.h"
#include "report/plots.h"
#include "report/sheet.h"
#include "train/recipe.h"
#include "train/training_data.h"

namespace lineament {
namespace {

namespace fs = std::filesystem;

struct DescribeArguments {
  std::string data;  // empty: synthetic faces
  std::vector<std::string> settings;
  bool all_points = false;
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

/// A keypoint of all rows.
struct PointSummary {
  std::string title;
  Spread x, y;
  size_t missing = 0;
};

std::vector<PointSummary> summaries(const Faces& faces) {
  std::vector<PointSummary> all;
  for (int k = 0; k < faces.set.size(); ++k) {
    PointSummary& point = all.emplace_back();
    point.title = point_title(faces.set, k);
    for (const Keypoints& points : faces.keypoints) {
      if (!has_point(points, k)) continue;
      point.x.add(points[2 * k]), point.y.add(points[2 * k + 1]);
    }
    point.missing = faces.size() - point.x.known;
  }
  return all;
}

/// A line a keypoint; of many those that are missing most often, unless `all` of them are asked for.
void print_points(const Faces& faces, bool all) {
  constexpr size_t kMany = 20;
  constexpr int kBarWidth = 12;
  std::vector<PointSummary> points = summaries(faces);
  const size_t shown = all ? points.size() : std::min(points.size(), kMany);
  if (shown < points.size()) std::ranges::stable_sort(points, std::greater<>(), &PointSummary::missing);
  size_t width = 23;
  for (size_t i = 0; i < shown; ++i) width = std::max(width, points[i].title.size());
  ++width;
  auto percent = [&](size_t n) { return 100 * double(n) / double(faces.size()); };
  std::string space(isatty(STDOUT_FILENO) ? kBarWidth + 1 : 0, ' ');
  fmt::print("  {:<{}}{:>8} {}{:>15}{:>6}{:>15}{:>6}\n", "", width, "", space, "x [px]", "", "y [px]", "");
  fmt::print("  {:<{}}{:>8} {}{:>7}{:>7}{:>7}{:>7}{:>7}{:>7}\n", "keypoint", width, "missing", space, "mean",
             "least", "most", "mean", "least", "most");
  for (size_t i = 0; i < shown; ++i) {
    const PointSummary& point = points[i];
    std::string drawn = bar(double(point.missing) / double(faces.size()), kBarWidth);
    fmt::print("  {:<{}}{:>6.1f} % {}{}{}{}\n", point.title, width, percent(point.missing), drawn,
               drawn.empty() ? "" : " ", point.x.text(), point.y.text());
  }
  if (shown < points.size())
    fmt::print("  and {} others, each missing in at most {:.1f} % of the rows (--all lists them)\n",
               points.size() - shown, percent(points[shown].missing));
}

/// Points that stand in no row: a training leaves them out.
void print_unlabelled(const Faces& faces) {
  constexpr size_t kShownPoints = 10;
  std::vector<std::string> names;
  for (int k = 0; k < faces.set.size(); ++k)
    if (std::ranges::none_of(faces.keypoints, [=](const Keypoints& points) { return has_point(points, k); }))
      names.push_back(faces.set.points[k]);
  if (names.empty()) return;
  const size_t others = names.size() - std::min(names.size(), kShownPoints);
  names.resize(names.size() - others);
  fmt::print("\n  labelled in no row: {}{}\n", fmt::join(names, ", "),
             others > 0 ? fmt::format(" and {} others", others) : "");
}

void print_page(const Faces& faces, const std::string& title, bool all_points) {
  size_t complete = size_t(std::ranges::count_if(faces.keypoints, is_complete));
  auto percent = [&](size_t n) { return 100 * double(n) / double(faces.size()); };
  fmt::print("{}\n\n", title);
  fmt::print("  keypoints {:>8}  {}\n", faces.set.size(), faces.set.name);
  fmt::print("  pictures  {}\n", to_string(faces.shape));
  fmt::print("  rows      {:>8}\n", grouped(faces.size()));
  fmt::print("  complete  {:>8}  {:5.1f} %   have all {} keypoints\n", grouped(complete), percent(complete),
             faces.set.size());
  fmt::print("  with gaps {:>8}  {:5.1f} %\n\n", grouped(faces.size() - complete),
             percent(faces.size() - complete));
  print_points(faces, all_points);
  print_unlabelled(faces);
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

/// What a training would read of `options.data`, before it is split.
Faces read(const DescribeArguments& options) {
  TrainConfig config;
  config.data = options.data;
  set_read_values(config, options.settings, {"rows", "points", "picture", "crop"});
  validate(config);
  std::vector<std::string> notes;
  Faces faces = load_faces(config, &notes);
  for (const std::string& note : notes) fmt::print("{}\n", note);
  return faces;
}

void describe(const DescribeArguments& options) {
  bool synthetic = options.data.empty();
  Faces faces = synthetic ? synthetic_faces(options.rows, options.seed) : read(options);
  print_page(faces, synthetic ? fmt::format("Synthetic faces of seed {}", options.seed) : options.data,
             options.all_points);

  fs::path folder = options.out;
  make_folder(folder);
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
      "data", options->data, "As `lineament train --data` takes it; synthetic faces if not given");
  command->add_option("--set", options->settings, "A setting, such as points=ibug68 or picture.width=128")
      ->type_name("KEY=VALUE")
      ->needs(data);
  command->add_flag("--all", options->all_points,
                    "Every keypoint of a large set, not those alone that are missing most often");
  command->add_option("--out", options->out, "Folder for missing.png, histograms.png and faces.png")
      ->capture_default_str();
  add_number(*command, "--rows", "N", "How many synthetic faces", within<size_t>(1, 100'000), options->rows)->excludes(data);
  add_number(*command, "--seed", "N", "Seed of the synthetic faces", bounds_of<uint64_t>("--seed"), options->seed)
      ->excludes(data);
  command->callback([options] {
    const InputsSpared spared;
    describe(*options);
  });
}

}  // namespace lineament
