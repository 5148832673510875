// 300-W's labels: a folder of NAME.jpg (or .jpeg, .png) with NAME.pts beside, coordinates from 1 at the first pixel's centre.
#pragma once
#include <filesystem>
#include <optional>

#include "data/photographs.h"

namespace lineament {

/// Whether the folder, or one below it, has a .pts file.
bool holds_pts(const std::filesystem::path& folder);

/// All .pts files of the folder and those below it, in the order of their paths without .pts; names that begin with a dot are
/// not looked at, nor are links to folders. The points are those of `set` where it has as many, else of the built-in set that
/// does, else "point_1" and so on. A picture without labels is left out and counted in the notes. InputError, by the file, for
/// labels without a picture or with two, and for what is not as 300-W has it.
LabelledPhotographs read_pts(const std::filesystem::path& folder, const std::optional<KeypointSet>& set = {});

/// A new folder (one that is empty may be there) with a copy of each photograph and its points beside, below `folder` as they
/// lie below `root`; those from elsewhere directly in it. A photograph of several faces is copied for each: NAME, NAME_2... All
/// of it appears or nothing. The format has no word for a point that is missing: InputError for a face that lacks one, and
/// where the folder or a photograph is not as expected. Boxes and hidden points are not told apart there.
void write_pts(const std::filesystem::path& folder, const LabelledPhotographs& labelled, const std::filesystem::path& root);

}  // namespace lineament
