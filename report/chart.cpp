// gnuplot reads its script from memory and draws to its standard output: neither the user's path nor gnuplot's remarks ever
// meet a shell or a terminal, and there are no temporary files.
#include "report/chart.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <regex>
#include <string_view>

#include "base/atomic_file.h"
#include "base/check.h"
#include "base/paths.h"
#include "base/process.h"
#include "gnuplot-iostream.h"

namespace lineament {
namespace {

namespace fs = std::filesystem;

/// How gnuplot is told to write, and what scripts call the colours of everything but the data.
struct Medium {
  const char* terminal;
  const char* begins;  // what comes out when all went well
  const char *ink, *axes, *grid;
  const char* font;
};
constexpr Medium kPng = {
    "pngcairo noenhanced linewidth 1.5", "\x89PNG", "#303030", "#606060", "#e4e4e4", "DejaVu Sans,11"};
constexpr Medium kSvg = {
    "svg noenhanced linewidth 1.2", "<?xml", "#808080", "#808080", "#cc808080", "system-ui,12"};

/// What gnuplot finds itself and its fonts by; GNUTERM and its like are for people who sit before it.
const std::vector<std::string> kVariables = {"PATH",           "HOME",            "LD_LIBRARY_PATH", "XDG_CACHE_HOME",
                                             "XDG_CONFIG_HOME", "FONTCONFIG_PATH", "FONTCONFIG_FILE"};

/// A file in memory.
struct Script {
  int descriptor = memfd_create("script", MFD_CLOEXEC);
  Script() = default;
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;
  ~Script() {
    if (descriptor >= 0) close(descriptor);
  }
  void write(const std::string& name, const std::string& text) {
    std::FILE* file = descriptor < 0 ? nullptr : fdopen(dup(descriptor), "w");
    if (!file) fail_run("{}: no memory for gnuplot's script: {}", name, std::strerror(errno));
    Gnuplot(file) << text;  // closes it
  }
};

std::string style(const Medium& medium) {
  return fmt::format(R"(set encoding utf8
ink = '{0}'
set border 3 linecolor '{1}'
set tics nomirror out scale 0.5 textcolor '{0}'
set grid back linecolor '{2}' linetype 1 linewidth 1
set title textcolor '{0}' font ',14'
set xlabel textcolor '{0}'
set ylabel textcolor '{0}'
set key textcolor '{0}' samplen 2
)",
                     medium.ink, medium.axes, medium.grid);
}

/// `name` is what a failure is told by.
std::string draw(const Chart& chart, const Medium& medium, const std::string& name) {
  Script script;
  script.write(name, fmt::format("set terminal {} size {},{} font '{}'\n", medium.terminal, chart.width, chart.height,
                                 medium.font) +
                         style(medium) + chart.script);
  CommandResult gnuplot =  // -d: nobody's ~/.gnuplot
      run_command({"gnuplot", "-d"}, {.input = script.descriptor, .keep_variables = kVariables, .clean = true});
  if (gnuplot.code == 127) fail_run("{}: gnuplot is not installed; install the package gnuplot-nox", name);
  if (gnuplot.code != 0 || !gnuplot.output.starts_with(medium.begins)) {
    std::string& said = gnuplot.complaint;
    said.erase(0, said.find_first_not_of(" \n^"));
    if (said.empty()) said = fmt::format("exit code {}", gnuplot.code);
    fail_run("{}: gnuplot failed: {}", name, said.substr(0, said.find('\n')));
  }
  return std::move(gnuplot.output);
}

/// Takes `from` up to the end of the next `to` out of `text`, wherever it comes.
void cut_out(std::string& text, std::string_view from, std::string_view to) {
  for (size_t begin; (begin = text.find(from)) != text.npos;) {
    const size_t end = text.find(to, begin);
    text.erase(begin, end == text.npos ? end : end + to.size() - begin);
  }
}

std::string xml_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const char* safe = c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '"' ? "&quot;" : nullptr;
    if (safe)
      out += safe;
    else if (static_cast<unsigned char>(c) >= 32)
      out += c;
  }
  return out;
}

/// gnuplot's own page as a piece of another: what is drawn in `ink` takes the colour of the text around it.
std::string as_part_of_a_page(std::string text, const Chart& chart) {
  text.erase(0, text.find("<g id=\"gnuplot_canvas\">"));
  text.erase(text.find("</svg>"));
  cut_out(text, "<defs>", "</defs>");
  cut_out(text, "<title>", "</title>");  // a tooltip that says the number of a curve
  static const std::regex kIds(R"( id=(["'])gnuplot_[a-z0-9_]*\1)"),
      kBlack(R"( color=(["'])(black|white)\1)"), kInk(R"(rgb\( *128, *128, *128\))"),
      kDisc("<use xlink:href='#gpPt6'"), kEmpty(R"(<g fill="none"[^>]*>\s*</g>)"), kBlank(R"(\s*\n\s*)");
  text = std::regex_replace(text, kIds, "");
  text = std::regex_replace(text, kBlack, "");
  text = std::regex_replace(text, kInk, "currentColor");
  text = std::regex_replace(text, kDisc, "<circle r='1' fill='currentColor' stroke='none'");
  text = std::regex_replace(text, kEmpty, "");
  text = std::regex_replace(text, kBlank, "\n");
  return fmt::format(
      "<svg viewBox=\"0 0 {0} {1}\" color=\"#808080\" role=\"img\" aria-label=\"{2}\">{3}</svg>\n",
      chart.width, chart.height, xml_text(chart.title), text);
}

}  // namespace

std::string svg(const Chart& chart) {
  return as_part_of_a_page(draw(chart, kSvg, fmt::format("the chart \"{}\"", chart.title)), chart);
}

void write_chart(const fs::path& path, const Chart& chart) {
  if (lower_extension(path) != ".svg") return write_atomically(path, draw(chart, kPng, path.string()));
  std::string text = as_part_of_a_page(draw(chart, kSvg, path.string()), chart);
  text.insert(4, fmt::format(" xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\"", chart.width,
                             chart.height));
  write_atomically(path, text);
}

}  // namespace lineament
