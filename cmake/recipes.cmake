# Builds models/recipes/*.toml into the program: `recipes()` of train/recipe.h. A new one takes its place in a list.
set(study_names  # in the study's order
    baseline baseline_noNA CNN_ffill1 CNN_noNA1 resnet_noNA_D1 resnet_noNA_D2 resnet_noNA_C1D4 effnetB7_noNA_D1
    effnetV2B3_noNA_C2D2 resnet_aug_D2 effnetB7_aug_D1 effnetB7_aug_D1_finetuned)
set(recipe_names ${study_names} quick default landmarks_lite0 landmarks_scratch)
list(LENGTH study_names study_count)
set(recipe_folder ${CMAKE_CURRENT_SOURCE_DIR}/models/recipes)
file(GLOB recipe_files CONFIGURE_DEPENDS RELATIVE ${recipe_folder} ${recipe_folder}/*.toml)
list(TRANSFORM recipe_files REPLACE "\\.toml$" "")
list(REMOVE_ITEM recipe_files ${recipe_names})
if(recipe_files)
  message(FATAL_ERROR "models/recipes: ${recipe_files} stands in no place of the order in cmake/recipes.cmake")
endif()

set(rows "")
foreach(name IN LISTS recipe_names)
  file(READ ${recipe_folder}/${name}.toml text)
  string(APPEND rows "    {\"${name}\", R\"toml(${text})toml\"},\n")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${recipe_folder}/${name}.toml)
endforeach()
file(CONFIGURE OUTPUT recipes.cpp @ONLY CONTENT [[
// Made from models/recipes by cmake/recipes.cmake.
#include "train/recipe.h"

namespace lineament {

std::span<const Recipe> recipes() {
  static constexpr Recipe kRecipes[] = {
@rows@  };
  return kRecipes;
}

std::span<const Recipe> study_recipes() { return recipes().first(@study_count@); }

}  // namespace lineament
]])
