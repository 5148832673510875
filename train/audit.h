// Labels that are probably wrong, by the answers of a training in folds, each for rows that it has not seen.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "data/faces.h"
#include "data/suspects.h"

namespace lineament {

struct Audit {
  Faces faces;                     // all rows of the data
  std::vector<Keypoints> answers;  // for each, of networks that have not seen it
  std::vector<Suspect> suspects;   // rows with a label, the most suspicious first
};

/// Of the data that a training in folds was made with (`data`: where they are now): rows that trained by the fold that
/// has not seen them, those that were held back to measure by the mean of all folds. InputError as read_folds().
Audit audit(const std::filesystem::path& folds, const std::string& data);

}  // namespace lineament
