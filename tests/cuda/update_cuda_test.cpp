// Ops that no row holds, on CUDA: optimiser updates, the moving average, and batch norms folded for
// inference.
#include <doctest/doctest.h>

#include "kernels/spatial_ops.h"
#include "tensor/op_call.h"
#include "tests/cuda/update_trials.h"

using namespace lineament;
using namespace lineament::test;

namespace {

void compare(const NodeTrial& node) {
  CAPTURE(std::string(node.op.name));
  REQUIRE(node.op.cuda->name);
  for (KernelList kernel = node.op.cuda; kernel->name; ++kernel) {
    CAPTURE(std::string(kernel->name));
    const auto got = node.run(cuda_backend(), *kernel, false);
    for (size_t i = 0; i < got.size(); ++i) CHECK(node.distance(got, i) < 1e-6);
  }
}

}  // namespace

TEST_CASE("updates: optimisers and the moving average agree with the reference") {
  for (int64_t count : {1, 3, 64, 5003, 2'200'001}) {
    CAPTURE(count);
    for (const NodeTrial& node : update_trials(count)) compare(node);
  }
}

TEST_CASE("updates: an update runs in the place of the weights and their state") {
  Backend& backend = cuda_backend();
  Memory memory(backend, 4 * 64);
  const auto at = [&](int i, const std::vector<float>& values) {
    void* data = static_cast<std::byte*>(memory.data()) + 64 * i;
    backend.copy_in(data, values.data(), values.size() * sizeof(float));
    return View{{{static_cast<int64_t>(values.size())}, DType::f32}, data};
  };
  const View w = at(0, {1, 2, 3}), g = at(1, {1, -1, 0}), m = at(2, {0, 0, 0}), hyper = at(3, {0.5f, 0, 0});
  const std::vector<View> in{w, g, m, hyper}, out{w, m};
  run_op(backend, sgd_update_op, in, out, {});
  std::vector<float> got(3);
  backend.copy_out(got.data(), w.data, 12);
  CHECK(got == std::vector<float>{0.5f, 2.5f, 3});
}

TEST_CASE("updates: a batch norm that inference folds becomes the same scale and shift") {
  for (int64_t channels : {1, 17, 300}) {
    for (bool bias : {false, true}) {
      Graph graph;  // the only way to its parameters
      const auto input = [&](Shape s, const char* name) { return graph.input({s, DType::f32}, name); };
      const Value x = input({1, 1, 1, 3}, "x"), w = input({1, 1, 3, channels}, "w");
      const Value y = conv2d(x, w, bias ? input({channels}, "bias") : Value{}, {});
      const auto vector = [&](const char* name) { return input({channels}, name); };
      batch_norm_fold(y, vector("gamma"), vector("beta"), vector("mean"), vector("variance"), {});
      for (const Node& node : graph.nodes()) {
        if (node.op != &fold_op) continue;
        std::vector<HostTensor> in;
        for (int id : node.in) {
          const std::string& name = graph.values()[static_cast<size_t>(id)].name;
          in.push_back(drawn(name.c_str(), channels, name == "variance" ? 0.2f : -1, 1.5f));
        }
        compare({fold_op, node.params, in, {in[0].desc, in[0].desc}});
      }
    }
  }
}
