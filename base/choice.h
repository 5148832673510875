// A setting with names is an enum and one table beside it: what each value is called, and what it is for.
#pragma once
#include <concepts>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/check.h"
#include "base/nearest.h"

namespace lineament {

/// A row of a table that says no more than this; others have the same three members and more.
template <class E>
struct Choice {
  std::string_view name;
  E value;
  std::string_view help;  // a few words, for people who choose; may be empty
};

/// Specialised beside each enum that people choose from: a static rows(), in the order that they are listed in.
template <class E>
struct Choices;

template <class E>
concept Chosen = std::is_enum_v<E> && requires {
  Choices<E>::rows();
};

/// Every value has a row.
template <Chosen E>
const auto& row_of(E value) {
  for (const auto& row : Choices<E>::rows())
    if (row.value == value) return row;
  fail_contract("a value without a row in its table", {});
}

template <Chosen E>
std::string_view name_of(E value) {
  return row_of(value).name;
}

template <Chosen E>
std::vector<std::string_view> names_of() {
  std::vector<std::string_view> names;
  for (const auto& row : Choices<E>::rows()) names.push_back(row.name);
  return names;
}

/// "mask (leave them out of the loss), drop (rows with gaps go)": what an option's help says of its names.
template <Chosen E>
std::string help_of() {
  std::string text;
  for (const auto& row : Choices<E>::rows()) {
    if (!text.empty()) text += ", ";
    text += row.help.empty() ? std::string(row.name) : fmt::format("{} ({})", row.name, row.help);
  }
  return text;
}

template <Chosen E>
std::optional<E> find_choice(std::string_view name) {
  for (const auto& row : Choices<E>::rows())
    if (row.name == name) return row.value;
  return std::nullopt;
}

/// "one of mask, drop, ffill, knn; did you mean drop?": what to say of a name that is none of them.
template <Chosen E>
std::string expected_choice(std::string_view name) {
  const std::vector<std::string_view> names = names_of<E>();
  const std::string_view near = nearest(name, names);
  return fmt::format("one of {}{}", fmt::join(names, ", "),
                     near.empty() ? "" : fmt::format("; did you mean {}?", near));
}

/// InputError that lists the names, and the nearest, where it is none; `who` is the option that said it.
template <Chosen E>
E parse_choice(std::string_view name, std::string_view who) {
  if (const std::optional<E> found = find_choice<E>(name)) return *found;
  fail_input("{} {}: expected {}", who, name, expected_choice<E>(name));
}

}  // namespace lineament
