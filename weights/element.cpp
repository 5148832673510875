#include "weights/element.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

namespace lineament {
namespace {

/// IEEE 754 binary16: a half is subnormal, normal, or infinite and not a number.
float half_to_float(uint16_t half) {
  const uint32_t sign = uint32_t(half & 0x8000u) << 16, exponent = (half >> 10) & 31, fraction = half & 1023;
  if (exponent == 0) {
    const float value = static_cast<float>(fraction) * 0x1p-24f;
    return sign ? -value : value;
  }
  return std::bit_cast<float>(sign | (exponent == 31 ? 0x7f800000u : (exponent + 112) << 23) |
                              fraction << 13);
}

/// A bfloat16 is the upper half of an f32.
float bfloat_to_float(uint16_t bits) { return std::bit_cast<float>(uint32_t(bits) << 16); }

template <class T>
float plainly(T value) {
  return static_cast<float>(value);
}

template <class T, float (*convert)(T)>
void each(const std::byte* from, std::span<float> to) {
  for (float& value : to) {
    T stored;
    std::memcpy(&stored, from, sizeof stored);
    value = convert(stored);
    from += sizeof stored;
  }
}

void copy(const std::byte* from, std::span<float> to) {
  if (!to.empty()) std::memcpy(to.data(), from, to.size_bytes());
}

// Whole numbers are counts (Keras's normalization/count) and are held exactly up to 2^24.
constexpr Element kElements[] = {
    {"F32", 4, copy},
    {"F64", 8, each<double, plainly<double>>},
    {"F16", 2, each<uint16_t, half_to_float>},
    {"BF16", 2, each<uint16_t, bfloat_to_float>},
    {"I64", 8, each<int64_t, plainly<int64_t>>},
    {"I32", 4, each<int32_t, plainly<int32_t>>},
    {"U64", 8, nullptr},
    {"U32", 4, nullptr},
    {"I16", 2, nullptr},
    {"U16", 2, nullptr},
    {"I8", 1, nullptr},
    {"U8", 1, nullptr},
    {"BOOL", 1, nullptr},
    {"F8_E5M2", 1, nullptr},
    {"F8_E4M3", 1, nullptr},
};

}  // namespace

uint16_t float_to_half(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value), sign = bits >> 16 & 0x8000u;
  const float size = std::bit_cast<float>(bits & 0x7fffffffu);
  if (size != size) return static_cast<uint16_t>(sign | 0x7e00u);
  if (size >= 65520.0f) return static_cast<uint16_t>(sign | 0x7c00u);  // halfway to what would come next
  // Added to a power of two so far above it that f32 rounds off what a half has no room for.
  const uint32_t exponent = std::max(std::bit_cast<uint32_t>(size) >> 23, 113u);  // 113: of a half's least normal, 2^-14
  const float above = std::bit_cast<float>((exponent + 13) << 23);
  const uint32_t steps = std::bit_cast<uint32_t>(size + above) - std::bit_cast<uint32_t>(above);  // in units of the last place
  return static_cast<uint16_t>(sign | (((exponent - 113) << 10) + steps));
}

const Element* find_element(std::string_view name) {
  const auto row =
      std::ranges::find(kElements, name, [](const Element& e) { return std::string_view(e.name); });
  return row == std::end(kElements) ? nullptr : row;
}

}  // namespace lineament
