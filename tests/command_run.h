// The command as a user runs it: what it answers, and how it refuses.
#pragma once
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "tests/support.h"

namespace lineament::test {

struct Outcome {
  int code;
  std::string out, err;
};

/// Runs `lineament ARGUMENTS` in `folder`, after the shell's `before`.
inline Outcome run(const TemporaryFolder& folder, const std::string& arguments, const std::string& before = "") {
  const std::string line = fmt::format("cd '{}' && {} '{}' {} >out 2>err", folder.path.string(), before,
                                       LINEAMENT_COMMAND, arguments);
  const int status = std::system(line.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_text(folder / "out"),
          read_text(folder / "err")};
}

/// Fails with code 2 and one line that says `expected`.
inline void check_refused(const TemporaryFolder& folder, const std::string& arguments, const std::string& expected) {
  CAPTURE(arguments);
  const Outcome outcome = run(folder, arguments);
  CAPTURE(outcome.err);
  CHECK(outcome.code == 2);
  CHECK(outcome.err.starts_with("lineament: "));
  CHECK(std::ranges::count(outcome.err, '\n') == 1);
  CHECK(outcome.err.find(expected) != std::string::npos);
}

}  // namespace lineament::test
