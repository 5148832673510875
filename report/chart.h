// A chart is a gnuplot script with its numbers in it; here one becomes a PNG file or the SVG of a page.
#pragma once
#include <filesystem>
#include <string>

namespace lineament {

struct Chart {
  std::string title;  // for messages and for those who cannot see it; the script draws its own
  std::string script;
  int width = 1000, height = 600;  // px
};

// Both RunError if gnuplot is not installed (Debian: gnuplot-nox) or fails.

/// Draws on nothing: transparent, text and axes in the colour of the text around it, grey where there is none.
/// No ids, no prolog and no names of other files in it: as many as one likes stand in one page.
std::string svg(const Chart& chart);
/// SVG where `path` ends in .svg, else PNG; written whole or not at all.
void write_chart(const std::filesystem::path& path, const Chart& chart);

}  // namespace lineament
