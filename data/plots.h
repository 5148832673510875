// Charts as PNG files, drawn by gnuplot: what is missing, where the points lie, how a training went.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "data/faces.h"

namespace lineament {

/// "left eye center" for 0 ... "mouth center bottom lip" for 14.
std::string point_title(int point);

/// One named curve. A y that is not finite leaves a gap.
struct Series {
  std::string name;
  std::vector<double> x, y;  // equally long
};

struct CurveOptions {
  std::string x_label = "epoch";
  std::string y_label = "loss";
  bool log_y = false;  // only values above zero are drawn
};

// All three write 'path' whole or not at all. RunError if gnuplot is
// not installed (Debian: gnuplot-nox) or fails.

/// The share of rows that lack each keypoint, as horizontal bars. 1000x600.
void plot_missing(const std::filesystem::path& path, const Faces& faces);

/// How x and y of each of the fifteen points are spread over the picture: fifteen small panels. 1200x800.
void plot_histograms(const std::filesystem::path& path, const Faces& faces);

/// Curves over the epochs of a training. 1000x600.
void plot_curves(const std::filesystem::path& path, const std::string& title,
                 const std::vector<Series>& series, const CurveOptions& options = {});

}  // namespace lineament
