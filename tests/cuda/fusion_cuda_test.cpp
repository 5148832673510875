// What the device's kernels do together: whole networks lose their nodes, and what somebody else reads is left alone.
#include <doctest/doctest.h>

#include "kernels/cuda/fusion_lists.h"
#include "kernels/elementwise_ops.h"
#include "kernels/spatial_ops.h"
#include "network/trace.h"
#include "tensor/plan.h"

using namespace lineament;

namespace {

struct Counts {
  int norms = 0, sums = 0, gates = 0, means = 0;  // gradients of batch norms; what may become part of them
};
Counts count(const std::vector<Node>& nodes) {
  Counts counts;
  for (const Node& node : nodes) {
    counts.norms += node.op == &batch_norm_grad_op;
    counts.sums += node.op == &add_op;
    counts.gates += node.op == &multiply_op;
    counts.means += node.op == &global_average_pool_dx_op;
  }
  return counts;
}

struct Fused {
  Counts before, after;
  std::vector<Node> nodes;

  explicit Fused(const char* name) {
    Parameters parameters(cpu_backend());
    const Model model = find_model(name);
    const TracedStep step(model, model.loss, parameters, Mode::train, 2);
    nodes = live_nodes(step.graph);
    before = count(nodes);
    fuse(nodes, step.graph.values(), cuda_fusions());
    after = count(nodes);
  }
};

}  // namespace

TEST_CASE("fusions: the sums where a residual network's paths meet, and a squeeze-excite's gradient, go into batch norms") {
  const Fused resnet("resnet50");
  CHECK(resnet.before.sums == 16);
  CHECK(resnet.after.sums == 1);  // before the pool, not a batch norm
  CHECK(resnet.after.norms == resnet.before.norms);

  const Fused efficientnet("efficientnet_b0");
  CHECK(efficientnet.after.norms == efficientnet.before.norms);
  CHECK(efficientnet.before.gates - efficientnet.after.gates == 16);
  CHECK(efficientnet.before.means - efficientnet.after.means == 16);
  for (const Node& node : efficientnet.nodes)
    if (node.op == &batch_norm_grad_op) {
      const DyParts dy = node.params.as<BatchNormGradParams>().dy;
      CHECK_FALSE((dy.more && dy.spread));
      CHECK(node.in.size() == size_t(5 + (node.params.as<BatchNormGradParams>().activation != Activation::none) + dy.more +
                                     dy.spread + dy.gate));
    }
}

TEST_CASE("fusions: what is read twice, or kept, is computed by itself") {
  for (const bool kept : {false, true}) {
    Graph graph;
    const auto vector = [&](const char* name) { return graph.input({{3}}, name); };
    const Value x = graph.input({{2, 3}}, "x"), a = graph.input({{2, 3}}, "a"), b = graph.input({{2, 3}}, "b");
    const Value dy = add(a, b);
    const Value dx = graph.apply(batch_norm_grad_op, {x, vector("gamma"), vector("mean"), vector("inv_std"), dy},
                                 BatchNormGradParams{1e-3f, Activation::none, true, false, false})[0];
    graph.keep(kept ? dx : add(dx, dy));
    if (kept) graph.keep(dy);
    std::vector<Node> nodes = live_nodes(graph);
    const size_t before = nodes.size();
    fuse(nodes, graph.values(), cuda_fusions());
    CHECK(nodes.size() == before);
  }
}
