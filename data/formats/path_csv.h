// A csv with a column of picture paths: photograph, NAME_x, NAME_y of each point, and what else is known of the face.
#pragma once
#include <filesystem>
#include <optional>

#include "data/photographs.h"

namespace lineament {

/// Whether the csv has such a column: photograph, image_path, path, file, filename, or an Image whose values are no pixels.
/// False for what cannot be read at all.
bool holds_paths(const std::filesystem::path& path);

/// Columns in any order: the path, relative to the file's folder; NAME_x and NAME_y of each point, both empty where it is
/// missing; NAME_state, "seen" (as an empty one), "hidden" or "missing"; box_x, box_y, box_width, box_height, all empty for a face
/// without one. A set has the file's order of points, unless set_of_names() knows it. Columns that are nothing of this are left
/// out and named in the notes. InputError with file:line for every row that is not as expected.
LabelledPhotographs read_path_csv(const std::filesystem::path& path, const std::optional<KeypointSet>& set = {});

/// `path` is written whole or not at all; numbers read back to the same bits. Box and state columns where a face has one. The
/// format has no commas within a field: InputError for a name with one.
void write_path_csv(const std::filesystem::path& path, const LabelledPhotographs& labelled);

}  // namespace lineament
