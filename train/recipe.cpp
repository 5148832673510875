#include "train/recipe.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/json.h"
#include "base/nearest.h"
#include "base/paths.h"
#include "base/shown.h"
#include "base/text_file.h"
#include "base/toml.h"

namespace lineament {
namespace {

const Recipe* find_recipe(std::string_view name) {
  for (const Recipe& recipe : recipes())
    if (recipe.name == name) return &recipe;
  return nullptr;
}

}  // namespace

TrainConfig read_recipe(std::string_view name) {
  if (is_toml_file(name)) return parse_config(json_of_toml(read_text_file(name, "a recipe in TOML", kMostTomlBytes), name), name);
  if (const Recipe* recipe = find_recipe(name)) return parse_config(json_of_toml(recipe->toml, name), name);
  std::vector<std::string_view> names;
  for (const Recipe& recipe : recipes()) names.push_back(recipe.name);
  if (is_folder(name)) fail_input("{}: a folder, expected a recipe: a file.toml or one of {}", name, fmt::join(names, ", "));
  const std::string_view near = nearest(name, names);
  if (!near.empty()) fail_input("recipe {}: there is none, did you mean {}?", name, near);
  fail_input("recipe {}: expected a file.toml or one of {}", name, fmt::join(names, ", "));
}

void set_value(TrainConfig& config, std::string_view assignment) {
  const size_t equals = assignment.find('=');
  const std::string source = fmt::format("--set {}", shown(assignment));
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' '; };
  if (equals == 0 || equals == assignment.npos || std::ranges::any_of(assignment, is_control))
    fail_input("{}: expected KEY=VALUE, such as optimizer.rate=1e-4", source);
  const std::string_view key = assignment.substr(0, equals), value = assignment.substr(equals + 1);
  const auto parsed = [&] {
    try {
      return json_of_toml(assignment, source);
    } catch (const InputError&) {  // a text without quotes
      return json_of_toml(fmt::format("{} = '''{}'''", key, value), source);
    }
  };
  const std::string json = parsed();
  const auto leaf = parse_json(json, source).flatten();  // TOML knows other bases and signs; one way to write a number will do
  if (leaf.size() == 1 && leaf.front().is_number() && !read_number<double>(value))
    fail_input("{}: expected {}", source, expected_number(Bounds<double>{}));
  config = parse_config(json, source, config);
}

void set_values(TrainConfig& config, std::span<const std::string> assignments) {
  for (const std::string& assignment : assignments) set_value(config, assignment);
  for (const std::string& assignment : assignments) {
    TrainConfig again = config;
    set_value(again, assignment);
    if (to_json(again) != to_json(config)) fail_input("--set {}: another --set says otherwise", shown(assignment));
  }
}

}  // namespace lineament
