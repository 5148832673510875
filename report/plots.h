// The charts there are: what is missing, where the points lie, how a training went, what it came to.
#pragma once
#include <array>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/faces.h"
#include "report/chart.h"

namespace lineament {

/// "left eye center" for left_eye_center.
std::string point_title(std::string_view point);
std::string point_title(const KeypointSet& set, int k);

/// Told apart on white and on black; they begin again after the last.
inline constexpr std::array kChartColours = {"#3a7bd5", "#e8772e", "#3fa35f", "#cf4b6c",
                                             "#8b68c8", "#1aa3a8", "#b88a1d", "#7f8c99",
                                             "#d65fb0", "#6f9b1f", "#a8674a", "#5a6fe0"};
inline std::string chart_colour(size_t i) { return kChartColours[i % kChartColours.size()]; }

/// One named curve. A y that is not finite leaves a gap.
struct Series {
  std::string name;
  std::vector<double> x, y;  // equally long
};

struct CurveOptions {
  std::string x_label = "epoch";
  std::string y_label = "loss";
  bool log_y = false;                                 // only values above zero are drawn
  size_t first_colour = 0;                            // of chart_colour()
  bool named = true;                                  // whether the names are written above
  std::optional<std::array<double, 2>> y_range = {};  // the data's own where none is given
};

/// What a run makes of its dev set: the NME of each face.
struct FaceErrors {
  std::string name;
  std::vector<double> nme;
};

/// A dot with a word beside it; one that is not finite is left out.
struct Dot {
  std::string name;
  double x = 0, y = 0;
};

struct DotOptions {
  std::string x_label = "", y_label = "";
  bool log_x = false, log_y = false;
  std::vector<std::pair<std::string, double>> levels = {};  // dashed lines across, named
};

/// px, and whether the title is drawn too.
struct ChartFrame {
  int width = 1000, height = 600;
  bool titled = true;
};

/// The share of rows that lack each keypoint, as horizontal bars; of more than 20 points those that are missing most often.
Chart missing_chart(const Faces& faces, const ChartFrame& frame = {});
inline constexpr int kHistogramPanels = 15;
/// How x and y of each point are spread over the picture: five small panels a row, or three where the frame is
/// upright; of larger sets so many points from all over the set.
Chart histogram_chart(const Faces& faces, const ChartFrame& frame = {.width = 1200, .height = 800});
/// Curves over the epochs of a training.
Chart curve_chart(const std::string& title, const std::vector<Series>& series,
                  const CurveOptions& options = {}, const ChartFrame& frame = {});
/// Cumulative error curves: the share of faces whose NME is at most so large, up to kErrorLimit; a curve a run.
inline constexpr double kErrorLimit = 0.1;
Chart error_curve_chart(std::span<const FaceErrors> runs, const ChartFrame& frame = {});
/// Dot i in chart_colour(i).
Chart dot_chart(const std::string& title, const std::vector<Dot>& dots, const DotOptions& options = {},
                const ChartFrame& frame = {});

// The same as files. Errors as write_chart().
inline void plot_missing(const std::filesystem::path& path, const Faces& faces) {
  write_chart(path, missing_chart(faces));
}
inline void plot_histograms(const std::filesystem::path& path, const Faces& faces) {
  write_chart(path, histogram_chart(faces));
}
inline void plot_curves(const std::filesystem::path& path, const std::string& title,
                        const std::vector<Series>& series, const CurveOptions& options = {}) {
  write_chart(path, curve_chart(title, series, options));
}

}  // namespace lineament
