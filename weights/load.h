// Weights from any file into a network: all of it fits or nothing is written.
#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "layers/parameters.h"

namespace lineament {

struct LoadOptions {
  bool allow_partial = false;
  /// Parameters that a file need not have: the head of a network of which the file holds the backbone.
  /// Without it, none.
  std::function<bool(const Parameter&)> may_be_missing;
};

struct LoadReport {
  std::string format, family;
  std::vector<std::string> missing;  // "conv1/kernel [3, 3, 3, 8]": expected, not in the file
  std::vector<std::string>
      misshapen;  // "conv1/kernel is [3, 3, 3, 8] in the file (features.0.weight), [3, 3, 3, 16] here"
  std::vector<std::string> extra;  // "fc/kernel [1024, 10]": in the file, no place for it here
  std::vector<std::string>
      left_aside;                   // extra, but no fault: the 1000-class top, an optimiser's state, counters
  size_t filled = 0, elements = 0;  // of the network's numbers

  double percent() const {
    return elements ? 100.0 * static_cast<double>(filled) / static_cast<double>(elements) : 0;
  }
  bool whole() const { return missing.empty() && misshapen.empty() && extra.empty(); }
  /// One line that says what was filled, then one for each kind of tensor that did not fit or was left aside.
  std::string text() const;
};

/// Fills `parameters` (allocated) by name. InputError that lists everything missing, misshapen and extra,
/// unless `allow_partial`; then what fits is filled. Nothing is written before the whole file is read and
/// found good; at most one copy of its tensors is held meanwhile.
LoadReport load_weights(const std::filesystem::path& path, Parameters& parameters,
                        const LoadOptions& options = {});

/// IN as safetensors with our names and axes. Returns how many tensors were written.
/// `order` as in name_tensors(): the network whose weights they must be, where it is said.
size_t convert_weights(const std::filesystem::path& in, const std::filesystem::path& out,
                       const Parameters* order = nullptr);

}  // namespace lineament
