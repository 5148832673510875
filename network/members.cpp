#include "network/members.h"

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/json.h"
#include "base/paths.h"
#include "base/text_file.h"
#include "network/saved_network.h"
#include "network/stack.h"

namespace lineament {
namespace fs = std::filesystem;

namespace {

/// How many folds the settings in a folder ask for; 0 of one run.
int folds_in(const fs::path& folder) {
  const fs::path file = folder / "config.json";
  if (!is_folder(folder) || !is_there(file)) return 0;
  const auto config = parse_json(read_text_file(file, "a run's settings"), file.string());
  const nlohmann::ordered_json::json_pointer of("/fold/of"), part("/fold/part");
  if (!config.contains(of) || !config[of].is_number_integer() || config.value(part, 0) != 0) return 0;
  return config[of];
}

}  // namespace

std::vector<fs::path> checkpoints_of(const fs::path& run) {
  const int folds = folds_in(run);
  if (folds == 0) return {model_file_of(run)};
  if (!is_there(run / "out_of_fold.csv"))
    fail_input("{}: its folds are not done: lineament train --resume --out {}", run.string(), run.string());
  std::vector<fs::path> files;
  for (int part = 1; part <= folds; ++part) files.push_back(model_file_of(run / fmt::format("fold{}", part)));
  return files;
}

std::vector<fs::path> runs_of(const fs::path& named) {
  return is_stack(named) ? folders_of(read_stack(named), named) : std::vector{named};
}

}  // namespace lineament
