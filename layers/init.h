// How parameters start: Keras's initialisers, drawn from (seed, name, index) alone.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "tensor/shape.h"

namespace lineament {

struct Init {
  enum Kind : uint8_t {
    zeros,
    ones,
    glorot_uniform,    // U(-l, l), l = sqrt(6 / (fan_in + fan_out)) (Glorot & Bengio 2010)
    truncated_normal,  // of `size`, cut at two of them
    fan_out_normal,    // variance size / fan_out once cut at two deviations (He et al., arXiv:1502.01852)
    fan_out_uniform,   // variance size / fan_out
    copy,              // a convolution that begins as a copy: the upper middle tap takes a mean of the inputs
  } kind = zeros;
  float size = 1;
};

/// Inputs and outputs of one weight's neuron as Keras counts them:
/// the last two axes times the taps before them.
struct Fans {
  double in, out;
};
Fans fans_of(const Shape& shape);

/// Fills `values` of `shape`.
void initialise(std::span<float> values, const Shape& shape, Init init, uint64_t seed, std::string_view name);

}  // namespace lineament
