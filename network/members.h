// What a name on the command line answers with: a run or a checkpoint, a training in folds, or a stack of such.
#pragma once
#include <filesystem>
#include <vector>

namespace lineament {

/// The checkpoints of a name: one of a run folder or a checkpoint; one for each fold of a training in folds.
/// InputError where there is none, or where the folds are not all done.
std::vector<std::filesystem::path> checkpoints_of(const std::filesystem::path& run);

/// Of a stack's folder the folders of its runs; else the name itself.
std::vector<std::filesystem::path> runs_of(const std::filesystem::path& named);

}  // namespace lineament
