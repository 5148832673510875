#include "kernels/cuda/fusion_lists.h"

#include "kernels/elementwise_ops.h"
#include "kernels/ops.h"
#include "kernels/spatial_ops.h"

namespace lineament {
namespace {

// What a batch norm's gradient gets as dy (kernels/elementwise_ops.h): where two paths meet, their sum; behind a squeeze-excite,
// what comes through the product, dy gate, and what comes through the mean.

constexpr size_t kDy = 4;

/// dy = a + b
bool take_sum(const Node& add, size_t input, Node& norm, const std::vector<ValueInfo>&) {
  auto p = norm.params.as<BatchNormGradParams>();
  if (input != kDy || p.dy.more || p.dy.spread || p.dy.gate) return false;
  p.dy.more = true;
  norm.params = p;
  norm.in[kDy] = add.in[0];
  norm.in.push_back(add.in[1]);
  return true;
}

/// dy = dy + the gradient of a mean over the picture
bool take_mean(const Node& mean, size_t input, Node& norm, const std::vector<ValueInfo>&) {
  auto p = norm.params.as<BatchNormGradParams>();
  if (!p.dy.more || p.dy.spread || p.dy.gate || input + 1 != norm.in.size()) return false;
  p.dy.more = false;
  p.dy.spread = true;
  norm.params = p;
  norm.in.back() = mean.in[0];
  return true;
}

/// dy = dy gate, a number for each channel of each picture
bool take_gate(const Node& product, size_t input, Node& norm, const std::vector<ValueInfo>& values) {
  auto p = norm.params.as<BatchNormGradParams>();
  const Shape &x = values[product.in[0]].desc.shape, &gate = values[product.in[1]].desc.shape;
  if (input != kDy || p.dy.gate || x.rank() != 4 || gate != Shape{x[0], 1, 1, x[3]} || gate == x) return false;
  p.dy.gate = true;
  norm.params = p;
  norm.in[kDy] = product.in[0];
  norm.in.push_back(product.in[1]);
  return true;
}

const Fusion kFusions[] = {
    {&add_op, &batch_norm_grad_op, take_sum},
    {&global_average_pool_dx_op, &batch_norm_grad_op, take_mean},
    {&multiply_op, &batch_norm_grad_op, take_gate},
};

}  // namespace

std::span<const Fusion> cuda_fusions() { return kFusions; }

}  // namespace lineament
