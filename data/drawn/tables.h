// Tables of what is thrown. Throws that share an expression are written apart: their order must not be the compiler's choice.
#pragma once
#include <algorithm>
#include <cstddef>

#include "base/dice.h"

namespace lineament {

/// Nearly normal, cut off at both ends.
template <typename T>
struct Spread {
  float T::*what;
  float mean, deviation, low, high;
};
/// Uniform, for this share of the throws; the others keep what they have.
template <typename T>
struct Range {
  float T::*what;
  float chance, low, high;
};

template <typename T, size_t N>
void throw_all(T& value, const Spread<T> (&table)[N], Dice& dice) {
  for (const Spread<T>& s : table) value.*s.what = std::clamp(dice.normal(s.mean, s.deviation), s.low, s.high);
}
template <typename T, size_t N>
void throw_all(T& value, const Range<T> (&table)[N], Dice& dice) {
  for (const Range<T>& r : table) {
    const bool taken = dice.chance(r.chance);
    const float thrown = dice.between(r.low, r.high);
    if (taken) value.*r.what = thrown;
  }
}

}  // namespace lineament
