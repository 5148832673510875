// lineament compare: two finished runs side by side, and how far they are apart.
#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "apps/commands.h"
#include "base/check.h"
#include "base/json.h"
#include "train/finished_run.h"
#include "train/settings.h"

namespace lineament {
namespace {

struct CompareArguments {
  std::string a, b;
  bool json = false;
};

/// A number that runs are compared by: as JSON has it, and as people read it.
struct Measure {
  const char *key, *title, *unit;
  double shown;  // times this, for people
  int decimals;
  double (*of)(const RunResult&);
};
constexpr Measure kMeasures[] = {
    {"parameters", "parameters", "", 1, 0,
     [](const RunResult& r) { return static_cast<double>(r.parameters); }},
    {"epochs", "epochs", "", 1, 0, [](const RunResult& r) { return static_cast<double>(r.epochs); }},
    {"best_epoch", "best epoch", "", 1, 0,
     [](const RunResult& r) { return static_cast<double>(r.best_epoch); }},
    {"dev_mse", "dev MSE", "px^2", 1, 3, [](const RunResult& r) { return r.dev.mse; }},
    {"dev_rmse", "RMSE", "px", 1, 3, [](const RunResult& r) { return r.dev.rmse; }},
    {"dev_accuracy", "accuracy", "%", 100, 2, [](const RunResult& r) { return r.dev.accuracy; }},
    {"dev_nme", "NME", "%", 100, 3, [](const RunResult& r) { return r.dev.nme; }},
    {"dev_failure_rate", "failures", "%", 100, 2, [](const RunResult& r) { return r.dev.failure_rate; }},
    {"dev_failure_rate_8", "failures at 8 %", "%", 100, 2,
     [](const RunResult& r) { return r.dev.strict_failure_rate; }},
    {"dev_auc_8", "AUC to 8 %", "", 1, 4, [](const RunResult& r) { return r.dev.auc; }},
    {"seconds", "seconds", "", 1, 1, [](const RunResult& r) { return r.seconds; }},
    {"images_per_second", "images/s", "", 1, 1, [](const RunResult& r) { return r.images_per_second; }},
};

/// A keypoint that both runs answer, and how far they are off there.
struct CommonPoint {
  std::string name;
  double a, b;  // px
};

/// In the order of `a`.
std::vector<CommonPoint> common_points(const RunResult& a, const RunResult& b) {
  std::vector<CommonPoint> common;
  for (size_t i = 0; i < a.points.size(); ++i)
    if (const auto at = std::ranges::find(b.points, a.points[i]); at != b.points.end())
      common.push_back(
          {a.points[i], a.dev.point_error[i], b.dev.point_error[static_cast<size_t>(at - b.points.begin())]});
  return common;
}

std::string number(double value, int decimals, bool sign = false) {
  if (!std::isfinite(value)) return "-";
  return sign ? fmt::format("{:+.{}f}", value, decimals) : fmt::format("{:.{}f}", value, decimals);
}

void print_line(const std::string& title, double a, double b, int decimals, size_t width = 26) {
  fmt::print("  {:<{}}{:>16}{:>16}{:>16}\n", title, width, number(a, decimals), number(b, decimals),
             number(b - a, decimals, true));
}

/// What a setting says, cut where a column ends.
std::string cut(const std::string& text) {
  constexpr size_t kWidth = 38;
  if (text.empty()) return "-";
  return text.size() <= kWidth ? text : text.substr(0, kWidth - 3) + "...";
}

void print_points(const RunResult& a, const RunResult& b) {
  const std::vector<CommonPoint> common = common_points(a, b);
  size_t width = 26;
  for (const CommonPoint& point : common) width = std::max(width, point.name.size() + 1);
  if (!common.empty()) fmt::print("\n  {:<{}}{:>16}{:>16}{:>16}\n", "error [px]", width, "a", "b", "b - a");
  for (const CommonPoint& point : common) print_line(point.name, point.a, point.b, 3, width);
  if (const size_t a_alone = a.points.size() - common.size(), b_alone = b.points.size() - common.size();
      a_alone + b_alone > 0)
    fmt::print("\n  keypoints of one run alone: {} of a, {} of b\n", a_alone, b_alone);
}

void print_table(const FinishedRun& a, const FinishedRun& b) {
  fmt::print("a  {}\nb  {}\n\n", a.folder.string(), b.folder.string());
  const std::vector<Difference> settings = differences(a.config, b.config);
  if (settings.empty())
    fmt::print("  the same settings\n");
  else
    fmt::print("  {:<26}{:<40}{}\n", "setting", "a", "b");
  for (const Difference& d : settings) fmt::print("  {:<26}{:<40}{}\n", d.key, cut(d.a), cut(d.b));

  fmt::print("\n  {:<26}{:>16}{:>16}{:>16}\n", "", "a", "b", "b - a");
  for (const Measure& m : kMeasures)
    print_line(*m.unit ? fmt::format("{} [{}]", m.title, m.unit) : m.title, m.shown * m.of(a.result),
               m.shown * m.of(b.result), m.decimals);
  print_points(a.result, b.result);
}

void print_json(const FinishedRun& a, const FinishedRun& b) {
  using Json = nlohmann::ordered_json;
  const auto numbers = [](double x, double y) {  // what is NaN becomes null
    return Json{{"a", x}, {"b", y}, {"difference", y - x}};
  };
  Json page = {{"a", a.folder.string()}, {"b", b.folder.string()}, {"settings", Json::object()}};
  for (const Difference& d : differences(a.config, b.config))
    page["settings"][d.key] = {{"a", d.a}, {"b", d.b}};
  for (const Measure& m : kMeasures) page[m.key] = numbers(m.of(a.result), m.of(b.result));
  page["point_error"] = Json::object();
  for (const CommonPoint& point : common_points(a.result, b.result))
    page["point_error"][point.name] = numbers(point.a, point.b);
  fmt::print("{}\n", json_text(page, 2));
}

void run(const CompareArguments& options) {
  const FinishedRun a = read_finished_run(options.a), b = read_finished_run(options.b);
  if (options.json) return print_json(a, b);
  print_table(a, b);
}

}  // namespace

void add_compare(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("compare", "Two finished runs side by side: settings, measures, errors");
  auto options = std::make_shared<CompareArguments>();
  command->add_option("A", options->a, "A run folder of `lineament train`.")->required();
  command->add_option("B", options->b, "Another.")->required();
  command->add_flag("--json", options->json, "Print JSON, not a table; shares of 1, not percent.");
  command->callback([options] { run(*options); });
}

}  // namespace lineament
