// How files store numbers: one row a type, and the way from its bytes to f32.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace lineament {

struct Element {
  const char* name;  // safetensors' own name: "F32", "BF16", "I64"
  size_t bytes;
  /// `to.size()` little-endian numbers from `from`, which need not be aligned; nullptr: no type of weights.
  void (*to_floats)(const std::byte* from, std::span<float> to);
};

/// IEEE 754 binary16 of the nearest value, of two equally near ones the even one; beyond 65504 infinite.
uint16_t float_to_half(float value);

/// The row of that name, or nullptr.
const Element* find_element(std::string_view name);

}  // namespace lineament
