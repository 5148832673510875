// Options that take a name of a table (base/choice.h): it is looked up where it is said, and the help lists the table.
#pragma once
#include <CLI/CLI.hpp>
#include <string>

#include "base/choice.h"

namespace lineament {

/// "How the rate goes: constant, cosine (...)."
template <Chosen E>
std::string choice_help(const std::string& text) {
  return fmt::format("{}: {}.", text, help_of<E>());
}

/// Calls take(E) where the option is said. InputError as parse_choice(). `shown` is the default that help shows.
template <Chosen E, class Take>
CLI::Option* add_choice_function(CLI::App& command, const std::string& option, const std::string& value,
                                 const std::string& text, std::string_view shown, Take take) {
  return command
      .add_option_function<std::string>(
          option, [option, take](const std::string& said) { take(parse_choice<E>(said, option)); },
          choice_help<E>(text))
      ->type_name(value)
      ->default_str(std::string(shown));
}

/// The same into `chosen`, which must live as long as the command.
template <Chosen E>
CLI::Option* add_choice(CLI::App& command, const std::string& option, const std::string& value,
                        const std::string& text, E& chosen) {
  return add_choice_function<E>(command, option, value, text, name_of(chosen),
                                [&chosen](E said) { chosen = said; });
}

// What every command that runs on a device says of it.
inline constexpr const char* kDeviceText = "Where it computes";
inline constexpr const char* kPrecisionText = "In what numbers";

}  // namespace lineament
