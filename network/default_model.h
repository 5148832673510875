// The model that is built into the program: learned from drawn faces alone (models/recipes/default.toml).
#pragma once
#include <filesystem>

namespace lineament {

/// What commands call it in place of a run.
inline constexpr const char* kDefaultModel = "default";

/// A file in memory that holds it, as checkpoints are read; the same for the whole process. InputError where none is built in.
std::filesystem::path default_model_file();

}  // namespace lineament
