// The three things that are computed of a layer with weights: y, and the gradients by x and by the weights.
#pragma once
#include <cstdint>

namespace lineament {

enum class Pass : uint8_t { forward, dx, dw };

}  // namespace lineament
