// Each chart is a gnuplot script and the numbers it reads. gnuplot draws to its standard output, into a
// folder of ours, so that neither the user's path nor gnuplot's remarks ever meet a shell or a terminal.
#include "data/plots.h"

#include <stdlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <functional>
#include <iterator>
#include <tuple>

#include "data/atomic_file.h"
#include "gnuplot-iostream.h"
#include "tensor/check.h"

namespace lineament {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStyle = R"(
set encoding utf8
set border 3 linecolor '#606060'
set tics nomirror out scale 0.5 textcolor '#303030'
set grid back linecolor '#e4e4e4' linetype 1 linewidth 1
set title textcolor '#202020' font ',14'
set key textcolor '#303030' samplen 2
)";
constexpr std::array kPalette = {"#2f6db3", "#e0701a", "#3a9455", "#b8405e", "#7a5ba6", "#6b6b6b"};

/// Text as gnuplot's single-quoted string.
std::string quoted(std::string text) {
  std::erase_if(text, [](unsigned char c) { return c < 32; });
  for (size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 2) text.insert(at, 1, '\'');
  return "'" + text + "'";
}

/// Text as one word of the shell.
std::string shell_word(std::string text) {
  for (size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 4) text.replace(at, 1, "'\\''");
  return "'" + text + "'";
}

std::string read_all(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Workshop {  // a folder for gnuplot's output, gone with the object
  fs::path folder;
  Workshop() {
    std::string name = (fs::temp_directory_path() / "lineament-plot-XXXXXX").string();
    if (!mkdtemp(name.data())) fail_run("{}: cannot be made, and plots are drawn there", name);
    folder = name;
  }
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;
  ~Workshop() {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
  }
};

void plot(const fs::path& path, int width, int height, const std::function<void(Gnuplot&)>& draw) {
  Workshop shop;
  fs::path png = shop.folder / "png", remarks = shop.folder / "remarks", status = shop.folder / "status";
  {
    // The shell reads on where gnuplot gives up, lest writing the rest of the script raise SIGPIPE.
    Gnuplot gnuplot(fmt::format("gnuplot >{} 2>{}; echo $? >{}; while read -r rest; do :; done",
                                shell_word(png.string()), shell_word(remarks.string()),
                                shell_word(status.string())));
    gnuplot << fmt::format(
                   "set terminal pngcairo noenhanced size {},{} font 'DejaVu Sans,11' linewidth 1.5\n", width,
                   height)
            << kStyle;
    draw(gnuplot);
  }
  std::string picture = read_all(png), said = read_all(remarks), code = read_all(status);
  if (code == "127\n")
    fail_run("{}: gnuplot is not installed; install the package gnuplot-nox", path.string());
  if (code != "0\n" || !picture.starts_with("\x89PNG")) {
    said.erase(0, said.find_first_not_of(" \n^"));
    fail_run("{}: gnuplot failed: {}", path.string(), said.substr(0, said.find('\n')));
  }
  write_atomically(path, picture);
}

}  // namespace

std::string point_title(int point) {
  std::string name(kCoordinateNames[2 * point]);
  name.resize(name.size() - 2);  // _x
  std::ranges::replace(name, '_', ' ');
  return name;
}

void plot_missing(const fs::path& path, const Faces& faces) {
  std::array<double, kPoints> percent{};
  for (const Keypoints& points : faces.keypoints)
    for (int k = 0; k < kPoints; ++k)
      if (std::isnan(points[2 * k]) || std::isnan(points[2 * k + 1]))
        percent[k] += 100.0 / double(faces.size());

  std::vector<std::tuple<double, int, double, double, double, double>> bars;  // x y xlow xhigh ylow yhigh
  std::vector<std::tuple<double, int, std::string>> labels;
  std::string names;
  for (int k = 0; k < kPoints; ++k) {
    bars.emplace_back(percent[k], k, 0, percent[k], k - 0.32, k + 0.32);
    labels.emplace_back(percent[k], k, fmt::format("\"{:.1f} %\"", percent[k]));
    names += fmt::format("{}{} {}", k ? ", " : "", quoted(point_title(k)), k);
  }
  double longest = *std::ranges::max_element(percent);
  plot(path, 1000, 600, [&](Gnuplot& gnuplot) {
    gnuplot << fmt::format("set title 'Rows that lack a keypoint, of {}'\n", faces.size())
            << fmt::format("set xrange [0:{}]\nset yrange [{}:-0.7]\n", std::max(1.0, 1.1 * longest),
                           kPoints - 0.3)
            << fmt::format("set ytics ({}) scale 0\n", names)
            << "set format x '%g %%'\nset grid noytics xtics\nset border 2\nunset key\n"
            << fmt::format(
                   "set style fill solid noborder\nplot '-' with boxxyerror linecolor rgb '{}', "
                   "'-' with labels left offset 0.6,0 textcolor '#303030'\n",
                   kPalette[0]);
    gnuplot.send1d(bars);
    gnuplot.send1d(labels);
  });
}

void plot_histograms(const fs::path& path, const Faces& faces) {
  constexpr int kBinWidth = 2, kBins = kImageSize / kBinWidth;
  using Steps = std::vector<std::pair<double, double>>;  // px, % of the rows that have the coordinate
  std::array<Steps, kCoordinates> histograms;
  double highest = 1;
  for (int c = 0; c < kCoordinates; ++c) {
    std::array<int, kBins> counts{};
    int known = 0;
    for (const Keypoints& points : faces.keypoints) {
      if (std::isnan(points[c])) continue;
      ++counts[std::clamp(int(points[c]) / kBinWidth, 0, kBins - 1)];
      ++known;
    }
    for (int b = 0; b < kBins; ++b) {
      double percent = known ? 100.0 * counts[b] / known : 0;
      histograms[c].emplace_back((b + 0.5) * kBinWidth, percent);
      highest = std::max(highest, percent);
    }
  }
  plot(path, 1200, 800, [&](Gnuplot& gnuplot) {
    gnuplot << "set multiplot layout 3,5 margins 0.045,0.985,0.075,0.87 spacing 0.022,0.095\n"
            << fmt::format(
                   "set label 1 'Where the keypoints of {} faces lie' at screen 0.5,0.965 center "
                   "font ',15' textcolor '#202020'\n",
                   faces.size())
            << "set label 2 'x' at screen 0.370,0.925 center font ',13' textcolor '" << kPalette[0] << "'\n"
            << "set label 3 'y' at screen 0.388,0.925 center font ',13' textcolor '" << kPalette[1] << "'\n"
            << "set label 4 'in px, as shares of the rows that have them' at screen 0.405,0.925 left "
               "font ',11' textcolor '#606060'\n"
            << fmt::format("set xrange [0:{}]\nset xtics 0,24\nset yrange [0:{}]\n", kImageSize,
                           1.05 * highest)
            << "set format y '%g %%'\nset title font ',11' offset 0,-0.6\nunset key\nset tics font ',9'\n"
            << fmt::format("set style fill transparent solid 0.6 noborder\nset boxwidth {}\n", kBinWidth);
    for (int k = 0; k < kPoints; ++k) {
      gnuplot << "set title " << quoted(point_title(k)) << "\n"
              << (k % 5 ? "set format y ''\n" : "set format y '%g %%'\n")
              << fmt::format("plot '-' with boxes linecolor rgb '{}', '-' with boxes linecolor rgb '{}'\n",
                             kPalette[0], kPalette[1]);
      gnuplot.send1d(histograms[2 * k]);
      gnuplot.send1d(histograms[2 * k + 1]);
      if (k == 0) gnuplot << "unset label 1\nunset label 2\nunset label 3\nunset label 4\n";
    }
    gnuplot << "unset multiplot\n";
  });
}

void plot_curves(const fs::path& path, const std::string& title, const std::vector<Series>& series,
                 const CurveOptions& options) {
  std::vector<std::vector<std::pair<double, double>>> curves;
  double first = INFINITY, last = -INFINITY;  // x of what is drawn
  for (const Series& one : series) {
    check(one.x.size() == one.y.size(), "curve {}: {} x, {} y", one.name, one.x.size(), one.y.size());
    curves.emplace_back();
    for (size_t i = 0; i < one.x.size(); ++i) {
      bool drawn = std::isfinite(one.x[i]) && std::isfinite(one.y[i]) && (!options.log_y || one.y[i] > 0);
      curves.back().emplace_back(one.x[i], drawn ? one.y[i] : std::nan(""));
      if (drawn) first = std::min(first, one.x[i]), last = std::max(last, one.x[i]);
    }
  }
  plot(path, 1000, 600, [&](Gnuplot& gnuplot) {
    gnuplot << "set title " << quoted(title) << "\nset xlabel " << quoted(options.x_label) << "\nset ylabel "
            << quoted(options.y_label) << "\nset key above right horizontal\n";
    if (options.log_y)
      gnuplot << "set logscale y\nset grid mytics linecolor '#e4e4e4' linetype 1, linecolor '#f4f4f4' "
                 "linetype 1\n";
    if (first > last) {
      gnuplot << "set label 'nothing to draw yet' at graph 0.5,0.5 center\nplot [0:1] [1:10] NaN notitle\n";
      return;
    }
    double margin = first < last ? 0.015 * (last - first) : 1;
    gnuplot << fmt::format("set xrange [{}:{}]\n", first - margin, last + margin);
    if (last - first <= 10) gnuplot << "set xtics 1\n";  // there is no half of an epoch
    for (size_t i = 0; i < series.size(); ++i) {
      const char* marks = curves[i].size() <= 40 ? "linespoints pointtype 7 pointsize 0.7" : "lines";
      gnuplot << (i ? ", " : "plot ")
              << fmt::format("'-' using 1:2 with {} linewidth 1.6 linecolor rgb '{}' title {}", marks,
                             kPalette[i % kPalette.size()], quoted(series[i].name));
    }
    gnuplot << "\n";
    for (const auto& curve : curves) gnuplot.send1d(curve);
  });
}

}  // namespace lineament
