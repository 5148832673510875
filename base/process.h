// Other programs, run by their arguments with no shell between.
#pragma once
#include <string>
#include <vector>

namespace lineament {

struct CommandResult {
  int code = 0;  // exit status; 127 where there is no such program, 128 and its number where a signal ended it
  std::string output, complaint;
};

struct CommandSetting {
  int input = -1;                          // a descriptor that it reads from the beginning of; -1: there is nothing to read
  std::vector<std::string> keep_variables;  // of the environment, where `clean`
  bool clean = false;                      // it sees no other variables
};

/// Runs a program, found in PATH, and waits for it. RunError where this process has no descriptor left to hear it by.
CommandResult run_command(const std::vector<std::string>& arguments, const CommandSetting& setting = {});

}  // namespace lineament
