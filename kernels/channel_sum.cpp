// db[c] = sum over all rows of dy[...,c]
#include "kernels/cpu/spatial.h"
#include "kernels/cuda/spatial.h"
#include "kernels/elementwise_ops.h"
#include "kernels/pixels.h"
#include "kernels/spatial_ops.h"
#include "tensor/autograd.h"

namespace lineament {
namespace {

std::vector<Desc> shapes(std::span<const Desc> in, const Params&) {
  check_floats("channel_sum", in);
  check(in[0].shape.rank() > 0, "channel_sum: dy {}, expected [..., c]", to_string(in[0].shape));
  return {{{in[0].shape[-1]}, in[0].dtype}};
}

void reference(const Call& call) {
  by_float(call, [&]<class T>(T) {
    std::span<T> dy = call.in[0].span<T>(), db = call.out[0].span<T>();
    for (size_t c = 0; c < db.size(); ++c) {
      double sum = 0;
      for (size_t i = c; i < dy.size(); i += db.size()) sum += dy[i];
      db[c] = static_cast<T>(sum);
    }
  });
}

const Kernel channel_sum_cpu[] = {
    LINEAMENT_SIMD("channel_sum.cpu", channel_sum_vector, anything, channel_sum_workspace),
    {"channel_sum.cpu.reference", reference},
    {}};

}  // namespace

const Op channel_sum_op = {.name = "channel_sum",
                           .shapes = shapes,
                           .grad = nullptr,
                           .cpu = channel_sum_cpu,
                           .cuda = channel_sum_cuda,
                           .narrow_in = 1};

Value bias_gradient(Graph& graph, Value dy) {
  if (const int producer = graph.info(dy).producer; producer >= 0) {
    const Node& node = graph.nodes()[producer];
    const bool of_batch_norm = node.op == &batch_norm_grad_op && node.out[0] == dy.id;
    if (of_batch_norm && node.params.as<BatchNormGradParams>().batch_statistics) return {};
    // Every pixel of a pool's gradient goes to one place: the sum is the same, and a quarter is left to add.
    if (node.op == &max_pool_dx_op) dy = {&graph, node.in[0]};
  }
  return graph.apply1(channel_sum_op, {dy});
}

}  // namespace lineament
