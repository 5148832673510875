// A few numbers that tell one set of faces from another.
#pragma once
#include <cstdint>

#include "data/faces.h"

namespace lineament {

/// Of the set's points, the shape, every label and every pixel, in their order; the same on every machine.
uint64_t fingerprint(const Faces& faces);
/// Of one picture alone.
uint64_t picture_fingerprint(const Faces& faces, size_t row);

}  // namespace lineament
