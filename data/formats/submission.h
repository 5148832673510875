// The file the contest scores: RowId,Location for every row of IdLookupTable.csv, clipped to the picture.
#pragma once
#include <filesystem>
#include <span>

#include "data/dataset.h"

namespace lineament {

/// Writes `points[i]`, the prediction of contest15() for image `image_ids[i]`, to every row that asks for it, clipped to
/// 0..96 px, atomically. InputError if the lookup names an image without
/// a prediction, RunError if one is not finite.
void write_submission(const std::filesystem::path& path, std::span<const Lookup> lookup,
                      std::span<const int> image_ids, std::span<const Keypoints> points);

/// InputError at the first line of a submission that does not answer the lookup: ids, count, range.
void check_submission(const std::filesystem::path& path, std::span<const Lookup> lookup);

}  // namespace lineament
