// Each chart as a script: settings, then `plot '-'`, then the numbers, each list closed by an "e".
#include "report/plots.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/check.h"
#include "data/metrics.h"

namespace lineament {
namespace {

/// Text as gnuplot's single-quoted string.
std::string quoted(std::string text) {
  std::erase_if(text, [](unsigned char c) { return c < 32; });
  for (size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 2) text.insert(at, 1, '\'');
  return "'" + text + "'";
}

/// A line of the numbers that a plot reads.
template <class... T>
std::string line(const T&... values) {
  std::string text;
  ((text += fmt::format("{} ", values)), ...);
  text.back() = '\n';
  return text;
}
constexpr const char* kEnd = "e\n";

/// Labels of a logarithmic axis from `low` to `high`, both above zero: at least two, at most about eight.
std::string log_tics(const char* axis, double low, double high) {
  const double decades = std::log10(high / low);
  const std::vector<double> steps = decades > 4   ? std::vector<double>{1}
                                    : decades > 2 ? std::vector<double>{1, 3}
                                    : decades > 1 ? std::vector<double>{1, 2, 5}
                                                  : std::vector<double>{1, 1.5, 2, 3, 4, 5, 7};
  std::string tics;
  for (double decade = std::pow(10, std::floor(std::log10(low))); decade <= high; decade *= 10)
    for (const double step : steps)
      if (step * decade >= low && step * decade <= high)
        tics += fmt::format("{}{:g}", tics.empty() ? "" : ", ", step * decade);
  return fmt::format("set logscale {0}\nset {0}range [{1}:{2}]\nset {0}tics ({3})\n", axis, low, high, tics);
}

std::string title_line(const std::string& title, const ChartFrame& frame) {
  return frame.titled ? fmt::format("set title {}\n", quoted(title)) : "";
}

constexpr int kMostBars = 20;  // of points that are missing

/// % of the rows that have a coordinate, by `bin` px.
struct Histogram {
  int bin;
  std::vector<double> bars;
};

/// Both axes of a panel are as long as the picture's longer side.
int longer_side(const PictureShape& shape) { return std::max(shape.width, shape.height); }

/// 2 px of the contest's pictures: at most 64 bars.
int bin_of(int side) {
  int bin = 1;
  while (64 * bin < side) bin *= 2;
  return bin;
}

Histogram histogram(const Faces& faces, int c) {
  const int side = longer_side(faces.shape), bin = bin_of(side);
  Histogram h{bin, std::vector<double>(size_t((side + bin - 1) / bin))};
  double known = 0;
  for (const Keypoints& points : faces.keypoints) known += !std::isnan(points[c]);
  for (const Keypoints& points : faces.keypoints)
    if (!std::isnan(points[c]))
      h.bars[size_t(std::clamp(points[c], 0.0f, static_cast<float>(side - 1))) / size_t(bin)] += 100 / known;
  return h;
}

std::string lines(const Histogram& histogram) {
  std::string text;
  for (size_t b = 0; b < histogram.bars.size(); ++b)
    text += line(histogram.bin * (static_cast<double>(b) + 0.5), histogram.bars[b]);
  return text + kEnd;
}

/// The points that have a panel: all of them, or some from all over a large set.
std::vector<int> points_with_panels(const KeypointSet& set) {
  const int count = std::min(set.size(), kHistogramPanels);
  std::vector<int> points;
  for (int i = 0; i < count; ++i)
    points.push_back(count < set.size() ? i * (set.size() - 1) / (count - 1) : i);
  return points;
}

/// 11 for the contest's names, smaller where one is longer than all of those and would meet its neighbour.
int title_size(const KeypointSet& set, std::span<const int> points) {
  size_t longest = 0;  // in characters
  for (const int k : points) longest = std::max(longest, set.points[k].size());
  return longest <= 23 ? 11 : std::max(6, static_cast<int>(240 / longest));
}

std::string histogram_title(const Faces& faces) {
  const std::string which = faces.set.size() > kHistogramPanels
                                ? fmt::format("{} of {} keypoints", kHistogramPanels, faces.set.size())
                                : "the keypoints";
  return fmt::format("Where {} of {} faces lie", which, faces.size());
}

/// What stands above the panels.
std::string histogram_head(const Faces& faces, const ChartFrame& frame) {
  std::string script;
  if (frame.titled)
    script += fmt::format("set label 1 '{}' at screen 0.5,0.965 center font ',15' textcolor rgb ink\n",
                          histogram_title(faces));
  const double y = frame.titled ? 0.925 : 0.975;
  const char* where = frame.titled ? "center" : "left";
  const double x = frame.titled ? 0.370 : 0.07;
  return script +
         fmt::format(
             "set label 2 'x' at screen {0},{1} {2} font ',13' textcolor '{3}'\n"
             "set label 3 'y' at screen {4},{1} {2} font ',13' textcolor '{5}'\n"
             "set label 4 'in px, as shares of the rows that have them' at screen {6},{1} left font ',11' "
             "textcolor rgb ink\n",
             x, y, where, kChartColours[0], x + (frame.titled ? 0.018 : 0.03), kChartColours[1],
             x + (frame.titled ? 0.035 : 0.065));
}

/// How many % of the rows lack each point.
std::vector<double> missing_percent(const Faces& faces) {
  std::vector<double> percent(faces.set.points.size());
  for (const Keypoints& points : faces.keypoints)
    for (int k = 0; k < faces.set.size(); ++k)
      if (!has_point(points, k)) percent[k] += 100.0 / static_cast<double>(faces.size());
  return percent;
}

}  // namespace

std::string point_title(std::string_view point) {
  std::string title(point);
  std::ranges::replace(title, '_', ' ');
  return title;
}

std::string point_title(const KeypointSet& set, int k) { return point_title(set.points[k]); }

Chart missing_chart(const Faces& faces, const ChartFrame& frame) {
  const std::vector<double> percent = missing_percent(faces);
  std::vector<int> order(percent.size());
  std::iota(order.begin(), order.end(), 0);
  const int shown = std::min(faces.set.size(), kMostBars), others = faces.set.size() - shown;
  if (others > 0) std::ranges::stable_sort(order, [&](int a, int b) { return percent[a] > percent[b]; });
  std::string bars, labels, names;
  for (int i = 0; i < shown; ++i) {
    const double p = percent[order[i]];
    bars += line(p, i, 0, p, i - 0.32, i + 0.32);  // x y xlow xhigh ylow yhigh
    labels += line(p, i, fmt::format("\"{:.1f} %\"", p));
    names += fmt::format("{}{} {}", i ? ", " : "", quoted(point_title(faces.set, order[i])), i);
  }
  if (others > 0) {
    labels += line(0, shown, fmt::format("\"at most {:.1f} %\"", percent[order[shown]]));
    names += fmt::format(", '{} {}' {}", others, others == 1 ? "other" : "others", shown);
  }
  const double room = frame.width >= 900 ? 1.1 : 1.25;  // for the last bar's label
  const std::string title = fmt::format("Rows that lack a keypoint, of {}", faces.size());
  std::string script = title_line(title, frame);
  if (frame.width < 900) script += "set xtics 20\n";
  script += fmt::format("set xrange [0:{}]\nset yrange [{}:-0.7]\nset ytics ({}) scale 0\n",
                        std::max(1.0, room * *std::ranges::max_element(percent)),
                        shown - 0.3 + (others > 0 ? 1 : 0), names);
  script += fmt::format(
      "set format x '%g %%'\nset grid noytics xtics\nset border 2\nunset key\n"
      "set style fill solid noborder\nplot '-' with boxxyerror linecolor rgb '{}', "
      "'-' with labels left offset 0.6,0 textcolor rgb ink\n",
      kChartColours[0]);
  return {title, script + bars + kEnd + labels + kEnd, frame.width, frame.height};
}

Chart histogram_chart(const Faces& faces, const ChartFrame& frame) {
  const std::vector<int> points = points_with_panels(faces.set);
  std::vector<Histogram> all;  // x and y of each of them
  double highest = 1;
  for (const int k : points)
    for (const int c : {2 * k, 2 * k + 1}) {
      all.push_back(histogram(faces, c));
      highest = std::max(highest, *std::ranges::max_element(all.back().bars));
    }
  const bool upright = frame.height > frame.width;
  const int panels = static_cast<int>(points.size()), side = longer_side(faces.shape);
  const int columns = std::min(panels, upright ? 3 : 5);
  std::string script = fmt::format(
      "set multiplot layout {},{} margins {} spacing {}\n", (panels + columns - 1) / columns, columns,
      upright ? "0.085,0.985,0.05,0.93" : "0.045,0.985,0.075,0.87", upright ? "0.035,0.055" : "0.022,0.095");
  script += histogram_head(faces, frame);
  std::string tics = fmt::format("0,{}", upright ? side / 2 : side / 4);
  if (upright && side >= 100) tics += fmt::format(",{}", side / 2);  // one more would meet the next panel's first
  script += fmt::format(
      "set xrange [0:{}]\nset xtics {}\nset yrange [0:{}]\nset title font ',{}' offset 0,{}\nunset key\n"
      "set tics font ',9'\nset style fill transparent solid 0.6 noborder\nset boxwidth {}\n",
      side, tics, 1.05 * highest, title_size(faces.set, points), upright ? -0.9 : -0.6, all[0].bin);
  if (upright) script += "set ytics 20\n";
  for (int i = 0; i < panels; ++i) {
    const bool bottom = i >= panels - columns || !upright;
    script += fmt::format("set title {}\nset format y '{}'\nset format x '{}'\n",
                          quoted(point_title(faces.set, points[i])), i % columns ? "" : "%g %%",
                          bottom ? "%g" : "");
    script += fmt::format("plot '-' with boxes linecolor rgb '{}', '-' with boxes linecolor rgb '{}'\n",
                          kChartColours[0], kChartColours[1]);
    script += lines(all[2 * i]) + lines(all[2 * i + 1]);
    if (i == 0) script += "unset label\n";
  }
  return {histogram_title(faces), script + "unset multiplot\n", frame.width, frame.height};
}

Chart curve_chart(const std::string& title, const std::vector<Series>& series, const CurveOptions& options,
                  const ChartFrame& frame) {
  double first = INFINITY, last = -INFINITY, low = INFINITY, high = -INFINITY;  // of what is drawn
  std::string plots, numbers;
  for (size_t i = 0; i < series.size(); ++i) {
    const Series& one = series[i];
    check(one.x.size() == one.y.size(), "curve {}: {} x, {} y", one.name, one.x.size(), one.y.size());
    for (size_t j = 0; j < one.x.size(); ++j) {
      const bool drawn =
          std::isfinite(one.x[j]) && std::isfinite(one.y[j]) && (!options.log_y || one.y[j] > 0);
      numbers += line(one.x[j], drawn ? one.y[j] : std::nan(""));
      if (!drawn) continue;
      first = std::min(first, one.x[j]), last = std::max(last, one.x[j]);
      low = std::min(low, one.y[j]), high = std::max(high, one.y[j]);
    }
    numbers += kEnd;
    plots +=
        fmt::format("{}'-' using 1:2 with {} linewidth 1.6 linecolor rgb '{}' title {}", i ? ", " : "plot ",
                    one.x.size() <= 40 ? "linespoints pointtype 7 pointsize 0.7" : "lines",
                    chart_colour(options.first_colour + i), quoted(one.name));
  }
  std::string script = title_line(title, frame);
  script += fmt::format("set xlabel {}\nset ylabel {}\n", quoted(options.x_label), quoted(options.y_label));
  script += options.named ? "set key above right horizontal\n" : "unset key\n";
  if (first > last) {
    script +=
        "set label 'nothing to draw yet' at graph 0.5,0.5 center textcolor rgb ink\nplot [0:1] [1:10] NaN "
        "notitle\n";
    return {title, script, frame.width, frame.height};
  }
  if (options.log_y) script += log_tics("y", low / 1.2, high * 1.2);
  const double margin = first < last ? 0.015 * (last - first) : 1;
  script += fmt::format("set xrange [{}:{}]\n", first - margin, last + margin);
  if (last - first <= 10) script += "set xtics 1\n";  // there is no half of an epoch
  if (options.y_range)
    script += fmt::format("set yrange [{}:{}]\n", (*options.y_range)[0], (*options.y_range)[1]);
  return {title, script + plots + "\n" + numbers, frame.width, frame.height};
}

Chart error_curve_chart(std::span<const FaceErrors> runs, const ChartFrame& frame) {
  constexpr int kSteps = 200;
  std::vector<double> limits, percent;
  for (int i = 0; i <= kSteps; ++i) {
    limits.push_back(kErrorLimit * i / kSteps);
    percent.push_back(100 * limits.back());
  }
  std::vector<Series> curves;
  for (const FaceErrors& run : runs) {
    std::vector<double> shares = cumulative_shares(run.nme, limits);
    for (double& share : shares) share *= 100;
    curves.push_back({run.name, percent, std::move(shares)});
  }
  return curve_chart("share of faces against their error", curves,
                     {.x_label = "NME [%]", .y_label = "faces [%]", .named = false, .y_range = {{0, 100}}},
                     frame);
}

Chart dot_chart(const std::string& title, const std::vector<Dot>& dots, const DotOptions& options,
                const ChartFrame& frame) {
  double left = INFINITY, right = -INFINITY, low = INFINITY, high = -INFINITY;
  std::string plots, numbers;
  for (size_t i = 0; i < dots.size(); ++i) {
    const Dot& dot = dots[i];
    if (!std::isfinite(dot.x) || !std::isfinite(dot.y) || (options.log_x && dot.x <= 0) ||
        (options.log_y && dot.y <= 0))
      continue;
    left = std::min(left, dot.x), right = std::max(right, dot.x);
    low = std::min(low, dot.y), high = std::max(high, dot.y);
    plots += fmt::format("{}'-' with points pointtype 7 pointsize 1.4 linecolor rgb '{}'",
                         plots.empty() ? "plot " : ", ", chart_colour(i));
    numbers += line(dot.x, dot.y) + kEnd;
  }
  std::string script = title_line(title, frame);
  script += fmt::format("set xlabel {}\nset ylabel {}\nunset key\n", quoted(options.x_label),
                        quoted(options.y_label));
  if (plots.empty()) {
    script +=
        "set label 'nothing to draw yet' at graph 0.5,0.5 center textcolor rgb ink\nplot [0:1] [0:1] NaN "
        "notitle\n";
    return {title, script, frame.width, frame.height};
  }
  for (size_t i = 0; i < dots.size(); ++i)
    if (std::isfinite(dots[i].x) && std::isfinite(dots[i].y))
      script += fmt::format("set label {} at {},{} {} textcolor rgb ink\n", quoted(dots[i].name), dots[i].x,
                            dots[i].y, i % 2 ? "right offset -0.9,0" : "left offset 0.9,0");
  for (const auto& [name, y] : options.levels) {
    low = std::min(low, y), high = std::max(high, y);
    script += fmt::format(
        "set arrow from graph 0,first {0} to graph 1,first {0} nohead dashtype 2 linecolor rgb ink\n"
        "set label {1} at graph 0.01,first {0} left offset 0,0.6 font ',10' textcolor rgb ink\n",
        y, quoted(name));
  }
  const double x_margin = std::max(1.0, 0.1 * (right - left)), y_margin = std::max(1.0, 0.1 * (high - low));
  script += options.log_x ? log_tics("x", left / 2, right * 2) + "set format x '%.0s%c'\n"
                          : fmt::format("set xrange [{}:{}]\n", left - x_margin, right + x_margin);
  script += options.log_y ? log_tics("y", low / 1.5, high * 1.5)
                          : fmt::format("set yrange [{}:{}]\n", low - y_margin, high + y_margin);
  return {title, script + plots + "\n" + numbers, frame.width, frame.height};
}

}  // namespace lineament
