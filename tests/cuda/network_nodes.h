// A network's program on a device, node by node: each reads what the device's nodes before it made, and the CPU
// computes the same from the same numbers. Nothing adds up on the way, so whole networks are held to the limits of
// single kernels.
#pragma once
#include <string>
#include <vector>

#include "tensor/program.h"

namespace lineament::test {

/// An output and how far it is from the CPU's.
struct NodeDistance {
  std::string name;  // "conv1_bn (batch_norm_train.cuda) output 2"
  double distance = 0, limit = 1;
  double share() const { return distance / limit; }
};

struct NetworkNodes {
  size_t outputs = 0;     // compared; those that are zero on both sides are not
  size_t cancelling = 0;  // of them: judged by the terms of their sums
  NodeDistance worst;     // by its share of its limit
  std::vector<NodeDistance> beyond;
};

/// The program must be unplanned and have run: what it was fed lies there, and no value lies where another did.
/// |got - exact| / |exact| over each output, exact by the CPU's first f32 kernel.
/// Sums whose terms take each other away (the mean of what a batch norm centred before) have no digits that two orders
/// of summation share. They are outputs beyond their limit that move by more than 2 u of themselves where each input
/// moves by u of itself: what they move by, over u, takes the place of |exact|.
NetworkNodes compare_with_cpu(const Program& program, Backend& backend, Precision precision);

}  // namespace lineament::test
