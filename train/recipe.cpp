#include "train/recipe.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <toml++/toml.h>

#include "base/check.h"
#include "base/nearest.h"

namespace lineament {
namespace {

std::string json_of(std::string_view toml, std::string_view source) {
  try {
    const toml::table table = toml::parse(toml);
    std::ostringstream json;
    json << toml::json_formatter(table);
    return json.str();
  } catch (const toml::parse_error& error) {
    fail_input("{}:{}:{}: {}", source, error.source().begin.line, error.source().begin.column, error.description());
  }
}

const Recipe* find_recipe(std::string_view name) {
  for (const Recipe& recipe : recipes())
    if (recipe.name == name) return &recipe;
  return nullptr;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) fail_input("{}: cannot read: expected a recipe in TOML", path.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TrainConfig read_recipe(std::string_view name) {
  if (name.ends_with(".toml")) return parse_config(json_of(read_file(name), name), name);
  if (const Recipe* recipe = find_recipe(name)) return parse_config(json_of(recipe->toml, name), name);
  std::vector<std::string_view> names;
  for (const Recipe& recipe : recipes()) names.push_back(recipe.name);
  const std::string_view near = nearest(name, names);
  if (!near.empty()) fail_input("recipe {}: there is none, did you mean {}?", name, near);
  fail_input("recipe {}: expected a file.toml or one of {}", name, fmt::join(names, ", "));
}

void set_value(TrainConfig& config, std::string_view assignment) {
  const size_t equals = assignment.find('=');
  if (equals == 0 || equals == assignment.npos)
    fail_input("--set {}: expected KEY=VALUE, such as optimizer.rate=1e-4", assignment);
  const std::string source = fmt::format("--set {}", assignment);
  const std::string value(assignment.substr(equals + 1));
  std::string toml(assignment);
  try {
    (void)toml::parse(toml);
  } catch (const toml::parse_error&) {  // a text without quotes
    toml = fmt::format("{} = '''{}'''", assignment.substr(0, equals), value);
  }
  config = parse_config(json_of(toml, source), source, config);
}

}  // namespace lineament
