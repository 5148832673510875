#include "train/recipe.h"

#include <toml++/toml.h>

#include "base/check.h"
#include "base/nearest.h"
#include "base/paths.h"
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
  if (is_toml_file(name)) return parse_config(json_of_toml(read_text_file(name, "a recipe in TOML"), name), name);
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
  config = parse_config(json_of_toml(toml, source), source, config);
}

}  // namespace lineament
