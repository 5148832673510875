// dlib's imglab XML: <dataset><images><image file><box top left width height><part name x y/>.
#pragma once
#include <filesystem>
#include <optional>

#include "data/photographs.h"

namespace lineament {

/// Each box that is not ignored is a face; boxes stand as they do in the file, parts that a box lacks are missing. Part names 0 to
/// n - 1 (or 1 to n) are the points of a set with as many, as set_of_names() has it. Entities of the document's own are not
/// expanded, its type is not read. InputError, by the file and the photograph, for what is no imglab file, a box of no area or a
/// part that comes twice.
LabelledPhotographs read_imglab(const std::filesystem::path& path, const std::optional<KeypointSet>& set = {});

/// `path` is written whole or not at all. Whole numbers, as dlib reads them: places to the nearest pixel. A face without a box
/// gets the extent of its points, and is refused (InputError) where that is nothing. The 68 points are named 00 to 67, as dlib's
/// tools have them, whose order of names is then the set's.
void write_imglab(const std::filesystem::path& path, const LabelledPhotographs& labelled);

}  // namespace lineament
