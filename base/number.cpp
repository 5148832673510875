#include "base/number.h"

#include <charconv>
#include <cmath>
#include <cstdint>

#include "base/check.h"
#include "base/shown.h"

namespace lineament {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// "007" and "-01", which other programs read as another base.
bool has_leading_zero(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return text.size() > 1 && text[0] == '0' && is_digit(text[1]);
}

/// Digits alone: what is no number for being too large for its type.
bool is_whole(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

}  // namespace

template <Number T>
std::string to_string(const Bounds<T>& bounds) {
  if (bounds.above && bounds.below) return fmt::format("a number between {} and {}", bounds.least, bounds.most);
  if (bounds.above) return fmt::format("a number above {}", bounds.least);
  if (bounds.below) return fmt::format("{} or more, below {}", bounds.least, bounds.most);
  if (bounds.most != std::numeric_limits<T>::max()) return fmt::format("{} to {}", bounds.least, bounds.most);
  return bounds.least == std::numeric_limits<T>::lowest() && std::is_signed_v<T> ? "" : fmt::format("{} or more", bounds.least);
}

template <Number T>
std::string expected_number(const Bounds<T>& bounds) {
  const std::string within = to_string(bounds);
  if (within.starts_with("a number")) return within;
  return fmt::format("{}{}{}", std::is_integral_v<T> ? "a whole number" : "a number", within.empty() ? "" : ", ", within);
}

template <Number T>
std::optional<T> read_number(std::string_view text) {
  T value{};
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size() || has_leading_zero(text)) return std::nullopt;
  if constexpr (std::is_floating_point_v<T>)
    if (!std::isfinite(value)) return std::nullopt;
  return value;
}

template <Number T>
T parse_number(std::string_view text, std::string_view who, const Bounds<T>& bounds) {
  if (const std::optional<T> value = read_number<T>(text)) {
    expect_within(*value, who, bounds);
    return *value;
  }
  if (std::is_integral_v<T> && is_whole(text) && !has_leading_zero(text))
    fail_input("{} {}: expected {} to {}", who, shown(text), bounds.least, bounds.most);
  fail_input("{} {}: expected {}", who, shown(text), expected_number(bounds));
}

template <Number T>
void expect_within(T value, std::string_view who, const Bounds<T>& bounds) {
  if (!bounds.hold(value)) fail_input("{} {}: expected {}", who, value, to_string(bounds));
}

#define LINEAMENT_NUMBERS(T)                                            \
  template std::string to_string(const Bounds<T>&);                     \
  template std::string expected_number(const Bounds<T>&);               \
  template std::optional<T> read_number<T>(std::string_view);           \
  template T parse_number(std::string_view, std::string_view, const Bounds<T>&); \
  template void expect_within(T, std::string_view, const Bounds<T>&);
LINEAMENT_NUMBERS(int)
LINEAMENT_NUMBERS(int64_t)
LINEAMENT_NUMBERS(uint64_t)
LINEAMENT_NUMBERS(float)
LINEAMENT_NUMBERS(double)
#undef LINEAMENT_NUMBERS

}  // namespace lineament
