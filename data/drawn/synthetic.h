// Drawn faces: the data set that is always there.
// One head model gives the picture and its keypoints, whichever set is asked for.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "data/faces.h"

namespace lineament {

/// What the commands read when no data is named: this many rows of this seed.
inline constexpr size_t kDefaultSyntheticRows = 2000;
inline constexpr uint64_t kDefaultSyntheticSeed = 1;

/// `count` drawn faces, 96x96 grey, with the points of `set`: contest15() or ibug68(), else InputError. Row i shows one person
/// for either set and depends on (seed, i) alone, so a longer set begins with a shorter one. Ids are 1, 2, 3 ...
/// - contest15: framed as the contest's faces, with its pattern of gaps: about 70 % of the rows have only the eye centres, the
///   nose tip and the bottom lip, the others nearly all fifteen points.
/// - ibug68: the box of the points and a third more, as photographs are cut (FaceCrop); no gaps.
Faces synthetic_faces(size_t count = kDefaultSyntheticRows, uint64_t seed = kDefaultSyntheticSeed,
                      const KeypointSet& set = contest15());

/// The same faces with no gaps: every point of every row, for measuring what a gap hides.
Faces synthetic_faces_complete(size_t count, uint64_t seed = kDefaultSyntheticSeed,
                               const KeypointSet& set = contest15());

}  // namespace lineament
