// to[i, j, k, l] = from[i s0 + j s1 + k s2 + l s3]: every moving of axes is one of these.
#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "tensor/shape.h"

namespace lineament {

using Strides = std::array<int64_t, Shape::kMaxRank>;  // in elements; the first `rank` count

/// Strides of a dense, row-major tensor.
Strides dense_strides(const Shape& shape);

/// Fills `to`, dense and of `shape`. The caller has seen to it that every index lies in `from`.
void gather(std::span<const float> from, const Shape& shape, const Strides& strides, std::span<float> to);

}  // namespace lineament
