// How lineament fails: one exception for each exit code, one line of text each.
#pragma once
#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace lineament {

/// The user's input or command is wrong. The text says who, what was expected, what came and what to do:
/// "training.csv:1203: 9215 pixels, expected 9216". The command prints it and exits with 2.
struct InputError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Something failed that the user's input did not cause: a loss that is not finite. Exit code 1.
struct RunError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class... Args>
[[noreturn]] void fail_input(fmt::format_string<Args...> text, Args&&... args) {
  throw InputError(fmt::format(text, std::forward<Args>(args)...));
}

template <class... Args>
[[noreturn]] void fail_run(fmt::format_string<Args...> text, Args&&... args) {
  throw RunError(fmt::format(text, std::forward<Args>(args)...));
}

[[noreturn]] void fail_contract(fmt::string_view text, fmt::format_args args);

/// Our own contract, held in every build: these run while a program is built, never in its inner loop. Always
/// inline, so that no object compiled for wide registers holds a copy that a linker could choose for everybody.
template <class... Args>
[[gnu::always_inline]] inline void check(bool holds, fmt::format_string<Args...> text, Args&&... args) {
  if (!holds) [[unlikely]]
    fail_contract(text, fmt::make_format_args(args...));
}

}  // namespace lineament
