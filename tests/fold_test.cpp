// Batch norms fold into the convolution before them where nobody trains, and the answer stays.
#include <doctest/doctest.h>

#include <algorithm>

#include "kernels/elementwise_ops.h"
#include "kernels/spatial_ops.h"
#include "layers/layers.h"
#include "tensor/program.h"
#include "tensor/random.h"

using namespace lineament;

namespace {

std::vector<float> noise(size_t count, uint64_t key, float low, float high) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i) values[i] = low + (high - low) * random_uniform(key, i);
  return values;
}

/// A convolution, a depthwise one with a residual, and a batch norm behind no convolution.
struct Trial {
  Graph graph;
  Parameters parameters{cpu_backend()};
  Value x, y;

  explicit Trial(Mode mode, bool layers_fold) {
    x = graph.input({{3, 7, 5, 3}, DType::f32}, "x");
    Scope s(graph, parameters, mode);
    const auto norm = [&](const std::string& name, Value v, Activation activation, Value residual = {}) {
      const BatchNormOptions options{.activation = activation};
      if (layers_fold) return layers::batch_norm(s, name, v, options, residual);
      const Shape c{v.shape()[-1]};
      const Value gamma = s.parameter(name + "/gamma", c, {Init::ones});
      const Value beta = s.parameter(name + "/beta", c, {Init::zeros});
      const Value mean = s.statistic(name + "/moving_mean", c, {Init::zeros});
      const Value variance = s.statistic(name + "/moving_variance", c, {Init::ones});
      return batch_norm_infer(v, gamma, beta, mean, variance, options, residual);
    };
    Value a = layers::conv2d(s, "a", x, {.filters = 17});
    a = norm("a_bn", a, Activation::swish);
    Value b = layers::depthwise_conv2d(s, "b", a, {.bias = false});
    b = norm("b_bn", b, Activation::relu, a);
    y = norm("c_bn", max_pool(b, {}), Activation::relu6);
    graph.keep(y);
    parameters.allocate(5);
    uint64_t key = 1;
    for (const Parameter& p : parameters.all())
      parameters.write(p, noise(p.desc.elements(), key++, p.name.ends_with("variance") ? 0.2f : -1, 1.5f));
  }

  std::vector<float> answer() {
    Program program(graph, cpu_backend(), parameters.buffers());
    program.feed<float>(x, noise(x.desc().elements(), 99, -1, 1));
    program.run();
    return program.read(y);
  }

  size_t live(const Op& op) const {
    const std::vector<Node> nodes = live_nodes(graph);
    return std::count_if(nodes.begin(), nodes.end(), [&](const Node& n) { return n.op == &op; });
  }
};

}  // namespace

TEST_CASE("a network for inference has no batch norm behind a convolution, and answers as before") {
  Trial folded(Mode::infer, true), plain(Mode::infer, false);
  CHECK(folded.live(batch_norm_infer_op) == 1);  // the one behind the pool
  CHECK(folded.live(conv2d_op) == 1);            // the convolution without the norm is dead
  CHECK(folded.live(depthwise_conv2d_op) == 1);
  CHECK(plain.live(batch_norm_infer_op) == 3);

  const std::vector<float> got = folded.answer(), expected = plain.answer();
  REQUIRE(got.size() == expected.size());
  float largest = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    CHECK(got[i] == doctest::Approx(expected[i]).epsilon(1e-5));
    largest = std::max(largest, expected[i]);
  }
  CHECK(largest > 0.1f);  // it is not a comparison of zeros
}

TEST_CASE("a network in training keeps its batch norms") {
  CHECK(Trial(Mode::train, true).live(batch_norm_train_op) == 3);
}
