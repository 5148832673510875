// Pairs of nodes that one kernel does together, where a backend has such kernels: what lies between them is never written.
#pragma once
#include <span>
#include <vector>

#include "tensor/graph.h"

namespace lineament {

/// `first` makes an input of `second` that nobody else reads. fuse(first, input, second, values) makes `second` do the work of
/// both, reading what `first` read, and says whether it could.
struct Fusion {
  const Op* first;
  const Op* second;
  bool (*fuse)(const Node& first, size_t input, Node& second, const std::vector<ValueInfo>& values);
};

/// Fuses `nodes` (running order) as long as a pair is left.
void fuse(std::vector<Node>& nodes, const std::vector<ValueInfo>& values, std::span<const Fusion> fusions);

}  // namespace lineament
