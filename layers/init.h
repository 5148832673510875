// How parameters start: Keras's default initialisers, drawn from (seed, name, index) alone.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "tensor/shape.h"

namespace lineament {

struct Init {
  enum Kind : uint8_t { zeros, ones, glorot_uniform, truncated_normal } kind = zeros;
  float stddev = 0;  // of truncated_normal, which is cut at two of them
};

/// Inputs and outputs of one weight's neuron as Keras counts them: the last two axes times the taps before them.
struct Fans {
  double in, out;
};
Fans fans_of(const Shape& shape);

/// Fills `values` of `shape`. glorot_uniform: U(-l, l), l = sqrt(6 / (fan_in + fan_out)) (Glorot & Bengio 2010).
void initialise(std::span<float> values, const Shape& shape, Init init, uint64_t seed, std::string_view name);

}  // namespace lineament
