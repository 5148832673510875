// A stack: a folder with a stack.json, which says how the answers of several trainings in folds are blended into one.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "data/blend.h"
#include "data/picture_shape.h"

namespace lineament {

struct Stack {
  std::vector<std::string> runs = {};    // their folders: absolute, or relative to the stack's
  std::vector<std::string> points = {};  // names
  int width = 0, height = 0;             // px of the pictures that the offsets were fitted on
  Blend blend = {};                      // of the runs, in their order
};

/// Whether the folder holds one.
bool is_stack(const std::filesystem::path& folder);

/// FOLDER/stack.json, atomically.
void write_stack(const std::filesystem::path& folder, const Stack& stack);
/// InputError where it is not as written: a number too few, weights of a point that do not sum to 1.
Stack read_stack(const std::filesystem::path& folder);

/// A run's name as the stack in `folder` keeps it: relative to that folder where it was said so.
std::string name_from(const std::filesystem::path& folder, const std::filesystem::path& run);
/// Where the runs of the stack in `folder` lie.
std::vector<std::filesystem::path> folders_of(const Stack& stack, const std::filesystem::path& folder);

}  // namespace lineament
