// Official weights from their publisher to a .safetensors here: fetched by curl or pip, verified, converted.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "weights/catalogue.h"

namespace lineament {

/// Fetches, verifies and converts; `out` appears whole or not at all and nothing else is left behind. Returns
/// the number of tensors. RunError in one line where the publisher cannot be reached or the program that
/// reaches it is not there; InputError where what came is not what was published.
size_t fetch_weights(const PublishedWeights& published, bool top, const std::filesystem::path& out);

struct CommandResult {
  int code = 0;  // exit status; 127 where there is no such program
  std::string output, complaint;
};
/// Runs a program by its arguments, with no shell between, and waits for it.
CommandResult run_command(const std::vector<std::string>& arguments);

}  // namespace lineament
