// COCO's json of keypoints: images, annotations with x y v of each point, categories that name the points.
#pragma once
#include <filesystem>
#include <optional>

#include "data/photographs.h"

namespace lineament {

/// Each annotation of the first category with keypoints is a face, in their order; v is 0 missing, 1 hidden, 2 seen. Boxes and
/// places stand as they do in the file. Photographs lie beside the file, or in `images` beside it. Lines are the category's
/// skeleton, unless its names are those of `set` or of a built-in set, which have their own. Left out, with a note: annotations
/// without keypoints (num_keypoints 0), those of other categories. InputError, by the file, where it is not as COCO has it, names
/// an image that is not there, or has a box of no area.
LabelledPhotographs read_coco(const std::filesystem::path& path, const std::optional<KeypointSet>& set = {});

/// `path` is written whole or not at all; numbers read back to the same bits. A face without a box gets the extent of its
/// points, or none (the file then lacks its bbox). InputError for a photograph that cannot be read: the format asks for its size.
void write_coco(const std::filesystem::path& path, const LabelledPhotographs& labelled);

}  // namespace lineament
