// Numbers as people write them: decimal, whole or finite, within bounds that stand in one place.
#pragma once
#include <concepts>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace lineament {

template <class T>
concept Number = std::is_arithmetic_v<T> && !std::same_as<T, bool>;

/// Which values make sense; NaN and infinity never do.
template <Number T>
struct Bounds {
  T least = std::numeric_limits<T>::lowest(), most = std::numeric_limits<T>::max();
  bool above = false, below = false;  // without `least`, without `most`

  bool hold(T value) const {
    return (above ? value > least : value >= least) && (below ? value < most : value <= most);
  }
};

template <Number T>
constexpr Bounds<T> at_least(T least) {
  return {.least = least};
}
template <Number T>
constexpr Bounds<T> above(T least) {
  return {.least = least, .above = true};
}
template <Number T>
constexpr Bounds<T> within(T least, T most) {
  return {.least = least, .most = most};
}
template <Number T>
constexpr Bounds<T> from_below(T least, T most) {
  return {.least = least, .most = most, .below = true};
}
template <Number T>
constexpr Bounds<T> between(T least, T most) {
  return {.least = least, .most = most, .above = true, .below = true};
}

/// "1 or more", "0 to 1", "0 or more, below 1", "a number above 0"; empty where every number will do.
template <Number T>
std::string to_string(const Bounds<T>& bounds);
/// "a whole number, 1 or more": what to say of what is no number at all.
template <Number T>
std::string expected_number(const Bounds<T>& bounds);

/// The number that `text` is from its first byte to its last: no spaces, no sign before what is not negative, no zeros
/// before the first digit, no other base. None where it is no such number or one that a T cannot hold.
template <Number T>
std::optional<T> read_number(std::string_view text);
/// The same within bounds. InputError "--batch 5x: expected a whole number, 1 or more"; `who` is the option that said it.
template <Number T>
T parse_number(std::string_view text, std::string_view who, const Bounds<T>& bounds = {});
/// InputError "--batch 0: expected 1 or more".
template <Number T>
void expect_within(T value, std::string_view who, const Bounds<T>& bounds);

}  // namespace lineament
