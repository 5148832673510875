// Sums that blocks made of slices, brought together by a kernel of its own: where there are too many for one block.
#pragma once
#include "tensor/op.h"

namespace lineament {

/// to[i] = sum over s of partial[s, i], s < slices, i < elements: always in the same order.
void add_slices(const Call& call, const float* partial, int64_t slices, int64_t elements, float* to);

}  // namespace lineament
