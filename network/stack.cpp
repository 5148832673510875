#include "network/stack.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/check.h"
#include "base/json.h"
#include "base/paths.h"
#include "base/text_file.h"

namespace lineament {
namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

constexpr int kStackVersion = 1;

fs::path stack_file(const fs::path& folder) { return folder / "stack.json"; }

/// As many numbers as the points that they are of.
void expect_whole(const Stack& stack, const std::string& source) {
  const size_t points = stack.points.size();
  if (stack.runs.empty() || points == 0 || stack.width < 1 || stack.height < 1)
    fail_input("{}: no runs, points or pictures in it", source);
  if (stack.blend.offset.size() != 2 * points)
    fail_input("{}: {} offsets for {} points, expected {}", source, stack.blend.offset.size(), points, 2 * points);
  for (size_t run = 0; run < stack.runs.size(); ++run)
    if (stack.blend.weights[run].size() != points)
      fail_input("{}: {} weights of {} for {} points", source, stack.blend.weights[run].size(), stack.runs[run],
                 points);
  constexpr double kRounding = 1e-6;
  for (size_t k = 0; k < points; ++k) {
    double sum = 0;
    for (const std::vector<double>& weights : stack.blend.weights) sum += weights[k];
    if (!(std::abs(sum - 1) <= kRounding))
      fail_input("{}: the weights of {} sum to {}, expected 1", source, stack.points[k], sum);
  }
}

}  // namespace

bool is_stack(const fs::path& folder) { return is_folder(folder) && is_there(stack_file(folder)); }

void write_stack(const fs::path& folder, const Stack& stack) {
  Json json{{"version", kStackVersion},
            {"points", stack.points},
            {"picture", {{"width", stack.width}, {"height", stack.height}}},
            {"runs", Json::array()},
            {"offset", stack.blend.offset}};
  for (size_t run = 0; run < stack.runs.size(); ++run)
    json["runs"].push_back({{"folder", stack.runs[run]}, {"weights", stack.blend.weights[run]}});
  write_atomically(stack_file(folder), json_text(json, 2) + "\n");
}

Stack read_stack(const fs::path& folder) {
  const std::string source = stack_file(folder).string();
  const Json json = parse_json(read_text_file(stack_file(folder), "a stack"), source);
  Stack stack;
  try {
    if (json.at("version") != kStackVersion)
      fail_input("{}: a stack of version {}, this program reads {}", source, shown(json.at("version")), kStackVersion);
    const Json& picture = json.at("picture");
    stack.points = json.at("points").get<std::vector<std::string>>();
    stack.width = picture.at("width"), stack.height = picture.at("height");
    stack.blend.offset = json.at("offset").get<std::vector<double>>();
    for (const Json& run : json.at("runs")) {
      stack.runs.push_back(run.at("folder"));
      stack.blend.weights.push_back(run.at("weights").get<std::vector<double>>());
    }
  } catch (const Json::exception& error) {
    fail_input("{}: is no stack of `lineament stack`: {}", source, error.what());
  }
  expect_whole(stack, source);
  return stack;
}

std::string name_from(const fs::path& folder, const fs::path& run) {
  if (run.is_absolute()) return run.string();
  return fs::absolute(run).lexically_normal().lexically_relative(fs::absolute(folder).lexically_normal()).string();
}

std::vector<fs::path> folders_of(const Stack& stack, const fs::path& folder) {
  std::vector<fs::path> folders;
  for (const std::string& run : stack.runs) folders.push_back((folder / run).lexically_normal());
  return folders;
}

}  // namespace lineament
