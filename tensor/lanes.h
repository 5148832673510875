// Lanes: which nodes of a training step run beside the others, and for how long what they read must stand.
#pragma once
#include <vector>

#include "tensor/graph.h"

namespace lineament {

/// Side nodes that follow one another are a batch. So many batches may still run when the main lane goes on behind one:
/// enough that it hardly ever waits, few enough that what they read is not held for long.
inline constexpr int kSideBatches = 8;

struct Lanes {
  std::vector<bool> side;  // by node: runs in the side lane
  /// By node: the last one beside which it may still read its inputs. In the main lane itself; nodes.size(): to the end.
  std::vector<int> reads_until;
  /// By node: the element of the flat parameters from which on no later node reads them or adds to their gradients.
  std::vector<size_t> settled_from;
};

/// To the side lane goes what only fills the flat gradients, of weights and biases: nobody reads them before the step
/// ends.
Lanes find_lanes(const std::vector<Node>& nodes, const std::vector<ValueInfo>& values);

/// Moves each side node to right behind the last node that makes what it reads: a layer's dw then runs beside its dx.
void bring_side_nodes_forward(std::vector<Node>& nodes, const std::vector<ValueInfo>& values);

}  // namespace lineament
