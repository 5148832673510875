// The upper half of a float: 8 bits of exponent, 7 of fraction. Storage only: arithmetic is done in float.
#pragma once
#include <bit>
#include <cstdint>

#include "base/device_too.h"

namespace lineament {

struct bfloat16 {
  uint16_t bits = 0;

  constexpr bfloat16() = default;
  /// To the nearest, ties to even; NaN stays NaN.
  LINEAMENT_DEVICE_TOO constexpr explicit bfloat16(float x) {
    const auto wide = std::bit_cast<uint32_t>(x);
    const bool nan = (wide & 0x7FFFFFFFu) > 0x7F800000u;
    bits = static_cast<uint16_t>(nan ? wide >> 16 | 0x40u : (wide + 0x7FFFu + (wide >> 16 & 1u)) >> 16);
  }
  LINEAMENT_DEVICE_TOO constexpr operator float() const { return std::bit_cast<float>(uint32_t{bits} << 16); }
};

}  // namespace lineament
