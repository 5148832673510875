# Builds models/recipes/*.toml into the program: `recipes()` of train/recipe.h.
file(GLOB recipe_files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/models/recipes/*.toml)
set(rows "")
foreach(file IN LISTS recipe_files)
  get_filename_component(name ${file} NAME_WE)
  file(READ ${file} text)
  string(APPEND rows "    {\"${name}\", R\"toml(${text})toml\"},\n")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
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

}  // namespace lineament
]])
