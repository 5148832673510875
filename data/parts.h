// Rows cut into parts, each of which a network learns without: rows that may show one face stay in one part.
#pragma once
#include <vector>

#include "data/faces.h"

namespace lineament {

/// The part of each row, 1 to `count`. Rows in the order of the file, of photographs in that of their names, are cut
/// into short blocks of neighbours, at most 50, and the blocks are dealt out in turn: neighbours may be of one video,
/// and whole fifths of a file may be of one source. Faces of one photograph stay in one block. InputError where a part
/// would have no row.
std::vector<int> parts_of(const Faces& faces, int count);

}  // namespace lineament
