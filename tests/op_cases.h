// One row per op and shape: it serves the gradient check, fast kernels against the reference, plan and thread tests.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "kernels/ops.h"

namespace lineament::test {

struct OpInput {
  std::string name;
  Shape shape;
  float low = -1, high = 1;  // drawn uniformly from here
  bool trainable = true;     // its gradient is checked
  DType dtype = DType::f32;  // u64 for rng: {seed, step}
};

struct OpCase {
  std::string name;                                               // "conv2d 3x3 stride 2 same, 7x5x3 to 4"
  std::vector<OpInput> inputs;                                    // floats become f64 in gradient checks
  std::function<Value(Graph&, const std::vector<Value>&)> build;  // emits the op, returns its output
  bool differences =
      true;  // false: too large for gradients by differences; kernels of its gradient are compared
  bool differentiable =
      true;  // false: no gradient check (optimiser updates and the like have tests of their own)
};

/// Rows of conv2d, depthwise_conv2d, dense, zero_pad, upsample and the pools.
std::vector<OpCase> spatial_cases();
/// Rows of everything else.
std::vector<OpCase> elementwise_cases();

}  // namespace lineament::test
