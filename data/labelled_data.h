// What lies at a path: labelled photographs, in whichever format, or the contest's tables.
#pragma once
#include <filesystem>
#include <optional>

#include "data/photographs.h"

namespace lineament {

/// Formats that labelled photographs are written in.
enum class PhotographFormat { csv, pts, imglab, coco };

/// Whether read_photographs() is for this path: a folder with .pts files in it or below, an .xml (imglab), a .json (COCO), a .csv
/// with a column of picture paths. Else it is for read_faces(): the contest's csv, zip or folder, whatever is not there at all.
bool holds_photographs(const std::filesystem::path& path);

/// By the points of `set`, where it is given: as the file has them, or derived from those. InputError as the formats' readers,
/// and where the set cannot be had.
LabelledPhotographs read_photographs(const std::filesystem::path& path, const std::optional<KeypointSet>& set = {});

/// A file, or for pts a folder, that appears whole or not at all. `root`: where the photographs' own folders begin. InputError as
/// the formats' writers, and where the file is one of the photographs.
void write_photographs(const std::filesystem::path& path, const LabelledPhotographs& labelled, PhotographFormat format,
                       const std::filesystem::path& root);

}  // namespace lineament
