// Each point of each run: a table of errors as warm as they are large, beside the mean face.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "report/plots.h"
#include "report/sections.h"

namespace lineament {
namespace {

/// The warmer, the further from nothing towards `most`.
std::string heat(double value, double most) {
  const double share = std::isfinite(value) && most > 0 ? value / most : 0;
  return fmt::format("<td style=\"background:rgb(var(--warm) / {:.2f})\">{}</td>", 0.75 * share,
                     fixed(value, 2));
}

/// NaN where the run does not know such a point.
double error_at(const RunResult& result, std::string_view point) {
  const auto at = std::ranges::find(result.points, point);
  return at == result.points.end() ? NAN
                                   : result.dev.point_error[static_cast<size_t>(at - result.points.begin())];
}

/// Of all runs, each once, the first run's first.
std::vector<std::string> all_points(std::span<const FinishedRun> runs) {
  std::vector<std::string> points;
  std::set<std::string_view> seen;
  for (const FinishedRun& run : runs)
    for (const std::string& point : run.result.points)
      if (seen.insert(point).second) points.push_back(point);
  return points;
}

/// Names of points and each run's error there: the more, the warmer.
std::string heat_table(std::span<const FinishedRun> runs, std::span<const std::string> points) {
  double most = 0;
  for (const FinishedRun& run : runs)
    for (const double error : run.result.dev.point_error)
      if (std::isfinite(error)) most = std::max(most, error);
  std::string heads, rows;
  for (size_t i = 0; i < runs.size(); ++i)
    heads += fmt::format("<th scope=\"col\" class=\"run\"><span>{}</span></th>", run_label(runs, i));
  for (const std::string& point : points) {
    rows += fmt::format("<tr><th scope=\"row\">{}</th>", escaped(point_title(point)));
    for (const FinishedRun& run : runs) rows += heat(error_at(run.result, point), most);
    rows += "</tr>\n";
  }
  return fmt::format(
      "<div class=\"scroll\"><table class=\"heat\"><thead><tr><th "
      "scope=\"col\">keypoint</th>{}</tr></thead>\n"
      "<tbody>{}</tbody></table></div>\n",
      heads, rows);
}

/// The table; of many points those that `best` finds hardest, and all of them folded.
std::string tables(std::span<const FinishedRun> runs, const FinishedRun& best) {
  constexpr size_t kMany = 20, kHardest = 10;
  const std::vector<std::string> points = all_points(runs);
  if (points.size() <= kMany) return heat_table(runs, points);
  std::vector<std::string> hardest = best.result.points;
  std::ranges::stable_sort(hardest, [&](const std::string& a, const std::string& b) {
    const double x = error_at(best.result, a), y = error_at(best.result, b);
    return std::isfinite(x) && (!std::isfinite(y) || x > y);
  });
  hardest.resize(std::min(hardest.size(), kHardest));
  return fmt::format(
      "<div>\n<p class=\"note\">The {} keypoints that {} finds hardest.</p>\n{}"
      "<details><summary>All {} keypoints</summary><div>\n{}</div></details>\n</div>\n",
      hardest.size(), escaped(best.name), heat_table(runs, hardest), points.size(), heat_table(runs, points));
}

}  // namespace

PageSection keypoints_section(std::span<const FinishedRun> runs, const Answered& best) {
  std::vector<double> radii;
  for (const std::string& point : best.dev->set.points) radii.push_back(error_at(best.run->result, point));
  return {
      "keypoints", "Keypoint by keypoint",
      fmt::format("<p>Mean distance from the truth on the dev set, in px.</p>\n<div class=\"beside\">\n"
                  "<figure class=\"chart mean\">{}<figcaption>The mean dev face. A disc reaches as far "
                  "as <b>{}</b> errs there on average."
                  "</figcaption></figure>\n{}</div>\n",
                  FaceAlbum::mean_face(*best.dev, radii), escaped(best.run->name), tables(runs, *best.run))};
}

}  // namespace lineament
