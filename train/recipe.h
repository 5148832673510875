// A recipe: a training as one small TOML file, some built in, anybody's beside them.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "train/config.h"

namespace lineament {

struct Recipe {
  std::string_view name;  // "resnet_noNA_D1"
  std::string_view toml;
};

/// models/recipes/*.toml, built into the program: the study's, then the others.
std::span<const Recipe> recipes();
/// The study's own, in its order.
std::span<const Recipe> study_recipes();

/// The settings of a built-in recipe by its name, or of a file by its path (anything that ends in .toml).
/// InputError: no such recipe (with the nearest), not TOML (with line and column), an unknown key (with the nearest).
TrainConfig read_recipe(std::string_view name_or_path);

/// One setting said as "optimizer.rate=1e-4" put into `config`; texts need no quotes. InputError as for recipes.
void set_value(TrainConfig& config, std::string_view assignment);
/// One after another. InputError where one undoes another.
void set_values(TrainConfig& config, std::span<const std::string> assignments);

}  // namespace lineament
