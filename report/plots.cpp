// Each chart as a script: settings, then `plot '-'`, then the numbers, each list closed by an "e".
#include "report/plots.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/check.h"

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

using Histogram = std::array<double, kImageSize / 2>;  // % of the rows that have the coordinate, by 2 px

std::array<Histogram, kCoordinates> histograms(const Faces& faces) {
  std::array<Histogram, kCoordinates> all{};
  for (int c = 0; c < kCoordinates; ++c) {
    double known = 0;
    for (const Keypoints& points : faces.keypoints) known += !std::isnan(points[c]);
    for (const Keypoints& points : faces.keypoints)
      if (!std::isnan(points[c]))
        all[c][std::clamp(static_cast<int>(points[c]) / 2, 0, kImageSize / 2 - 1)] += 100 / known;
  }
  return all;
}

std::string lines(const Histogram& histogram) {
  std::string text;
  for (size_t b = 0; b < histogram.size(); ++b) text += line(2 * b + 1, histogram[b]);
  return text + kEnd;
}

/// What stands above the fifteen panels.
std::string histogram_head(const Faces& faces, const ChartFrame& frame) {
  std::string script;
  if (frame.titled)
    script += fmt::format(
        "set label 1 'Where the keypoints of {} faces lie' at screen 0.5,0.965 center font ',15' textcolor "
        "rgb ink\n",
        faces.size());
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

}  // namespace

std::string point_title(int point) {
  std::string name(point_name(point));
  std::ranges::replace(name, '_', ' ');
  return name;
}

Chart missing_chart(const Faces& faces, const ChartFrame& frame) {
  std::array<double, kPoints> percent{};
  for (const Keypoints& points : faces.keypoints)
    for (int k = 0; k < kPoints; ++k)
      if (std::isnan(points[2 * k]) || std::isnan(points[2 * k + 1]))
        percent[k] += 100.0 / static_cast<double>(faces.size());
  std::string bars, labels, names;
  for (int k = 0; k < kPoints; ++k) {
    bars += line(percent[k], k, 0, percent[k], k - 0.32, k + 0.32);  // x y xlow xhigh ylow yhigh
    labels += line(percent[k], k, fmt::format("\"{:.1f} %\"", percent[k]));
    names += fmt::format("{}{} {}", k ? ", " : "", quoted(point_title(k)), k);
  }
  const double room = frame.width >= 900 ? 1.1 : 1.25;  // for the last bar's label
  const std::string title = fmt::format("Rows that lack a keypoint, of {}", faces.size());
  std::string script = title_line(title, frame);
  if (frame.width < 900) script += "set xtics 20\n";
  script += fmt::format("set xrange [0:{}]\nset yrange [{}:-0.7]\nset ytics ({}) scale 0\n",
                        std::max(1.0, room * *std::ranges::max_element(percent)), kPoints - 0.3, names);
  script += fmt::format(
      "set format x '%g %%'\nset grid noytics xtics\nset border 2\nunset key\n"
      "set style fill solid noborder\nplot '-' with boxxyerror linecolor rgb '{}', "
      "'-' with labels left offset 0.6,0 textcolor rgb ink\n",
      kChartColours[0]);
  return {title, script + bars + kEnd + labels + kEnd, frame.width, frame.height};
}

Chart histogram_chart(const Faces& faces, const ChartFrame& frame) {
  const std::array<Histogram, kCoordinates> all = histograms(faces);
  double highest = 1;
  for (const Histogram& h : all) highest = std::max(highest, *std::ranges::max_element(h));
  const bool upright = frame.height > frame.width;
  const int columns = upright ? 3 : 5;
  std::string script = fmt::format("set multiplot layout {},{} margins {} spacing {}\n", kPoints / columns,
                                   columns, upright ? "0.085,0.985,0.05,0.93" : "0.045,0.985,0.075,0.87",
                                   upright ? "0.035,0.055" : "0.022,0.095");
  script += histogram_head(faces, frame);
  script += fmt::format(
      "set xrange [0:{}]\nset xtics 0,{}\nset yrange [0:{}]\nset title font ',11' offset 0,{}\nunset key\n"
      "set tics font ',9'\nset style fill transparent solid 0.6 noborder\nset boxwidth 2\n",
      kImageSize, upright ? 48 : 24, 1.05 * highest, upright ? -0.9 : -0.6);
  if (upright) script += "set ytics 20\n";
  for (int k = 0; k < kPoints; ++k) {
    const bool bottom = k >= kPoints - columns || !upright;
    script += fmt::format("set title {}\nset format y '{}'\nset format x '{}'\n", quoted(point_title(k)),
                          k % columns ? "" : "%g %%", bottom ? "%g" : "");
    script += fmt::format("plot '-' with boxes linecolor rgb '{}', '-' with boxes linecolor rgb '{}'\n",
                          kChartColours[0], kChartColours[1]);
    script += lines(all[2 * k]) + lines(all[2 * k + 1]);
    if (k == 0) script += "unset label\n";
  }
  return {fmt::format("Where the keypoints of {} faces lie", faces.size()), script + "unset multiplot\n",
          frame.width, frame.height};
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
  return {title, script + plots + "\n" + numbers, frame.width, frame.height};
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
