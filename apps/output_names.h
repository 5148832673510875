// Where the picture of each input goes: a name of its own in the folder, and never that of an input.
#pragma once
#include <fmt/format.h>

#include <filesystem>
#include <set>
#include <string>

#include "base/inputs.h"

namespace lineament {

class OutputNames {
 public:
  explicit OutputNames(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// "me.png" of "photos/me.jpg"; "me-2.png" where that is taken.
  std::filesystem::path next(const std::filesystem::path& input) {
    const std::string stem = input.has_stem() ? input.stem().string() : "faces";
    for (int i = 1;; ++i) {
      const std::string name = i == 1 ? stem : fmt::format("{}-{}", stem, i);
      const std::filesystem::path path = folder_ / (name + ".png");
      if (!is_input(path) && used_.insert(name).second) return path;
    }
  }

 private:
  std::filesystem::path folder_;
  std::set<std::string> used_;
};

}  // namespace lineament
