// Options that take a number: what is no number within its bounds is refused where it is said.
#pragma once
#include <CLI/CLI.hpp>
#include <string>

#include "base/check.h"
#include "base/number.h"

namespace lineament {

/// Calls take(T) where the option is said. InputError as parse_number(). `shown` is the default that help shows.
template <Number T, class Take>
CLI::Option* add_number_function(CLI::App& command, const std::string& option, const std::string& value,
                                 const std::string& text, const Bounds<T>& bounds, const std::string& shown, Take take) {
  return command
      .add_option_function<std::string>(
          option, [option, bounds, take](const std::string& said) { take(parse_number<T>(said, option, bounds)); }, text)
      ->type_name(value)
      ->default_str(shown);
}

/// The same into `number`, which must live as long as the command.
template <Number T>
CLI::Option* add_number(CLI::App& command, const std::string& option, const std::string& value, const std::string& text,
                        const Bounds<T>& bounds, T& number) {
  return add_number_function<T>(command, option, value, text, bounds, fmt::format("{}", number),
                                [&number](T said) { number = said; });
}

}  // namespace lineament
