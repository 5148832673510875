// Batch norms fold into the convolution before them where nobody trains, take over its bias where somebody does, and
// the answer stays.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "kernels/elementwise_ops.h"
#include "kernels/spatial_ops.h"
#include "layers/layers.h"
#include "tensor/autograd.h"
#include "tensor/program.h"

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
  Value x, y, target, mask;  // the last two in training

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
      return mode == Mode::train ? batch_norm_train(v, gamma, beta, mean, variance, options, residual)
                                 : batch_norm_infer(v, gamma, beta, mean, variance, options, residual);
    };
    Value a = layers::conv2d(s, "a", x, {.filters = 17});
    a = norm("a_bn", a, Activation::swish);
    Value b = layers::depthwise_conv2d(s, "b", a, {.bias = false});
    b = norm("b_bn", b, Activation::relu, a);
    y = norm("c_bn", max_pool(b, {}), Activation::relu6);
    graph.keep(y);
    if (mode == Mode::train) {
      const Value rows = flatten(y);
      target = graph.input(rows.desc(), "target");
      mask = graph.input(rows.desc(), "mask");
      backward(mean_squared_error(rows, target, mask));
    }
    parameters.allocate(5);
    uint64_t key = 1;
    for (const Parameter& p : parameters.all())
      parameters.write(p, noise(p.desc.elements(), key++, p.name.ends_with("variance") ? 0.2f : -1, 1.5f));
  }

  std::vector<float> answer() {
    Program program(graph, cpu_backend(), parameters.buffers(true));
    program.feed<float>(x, noise(x.desc().elements(), 99, -1, 1));
    if (target) {
      program.feed<float>(target, noise(target.desc().elements(), 98, -1, 1));
      program.feed<float>(mask, std::vector<float>(mask.desc().elements(), 1.0f));
    }
    program.run();
    return program.read(y);
  }

  size_t live(const Op& op) const {
    const std::vector<Node> nodes = live_nodes(graph);
    return std::count_if(nodes.begin(), nodes.end(), [&](const Node& n) { return n.op == &op; });
  }
};

void compare(const std::vector<float>& got, const std::vector<float>& expected) {
  REQUIRE(got.size() == expected.size());
  float largest = 0, furthest = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    largest = std::max(largest, std::abs(expected[i]));
    furthest = std::max(furthest, std::abs(got[i] - expected[i]));
  }
  CHECK(largest > 1e-3f);  // it is not a comparison of zeros
  CHECK(furthest <= 1e-5f * largest);
}

}  // namespace

TEST_CASE("a network for inference has no batch norm behind a convolution, and answers as before") {
  Trial folded(Mode::infer, true), plain(Mode::infer, false);
  CHECK(folded.live(batch_norm_infer_op) == 1);  // the one behind the pool
  CHECK(folded.live(conv2d_op) == 1);            // the convolution without the norm is dead
  CHECK(folded.live(depthwise_conv2d_op) == 1);
  CHECK(plain.live(batch_norm_infer_op) == 3);

  compare(folded.answer(), plain.answer());
}

TEST_CASE("a network in training keeps its batch norms, which take over the bias before them") {
  Trial folded(Mode::train, true), plain(Mode::train, false);
  CHECK(folded.live(batch_norm_train_op) == 3);
  CHECK(folded.live(conv2d_op) == 1);
  for (Trial* trial : {&folded, &plain}) CHECK(trial->live(channel_sum_op) == 0);  // nobody adds up zeros
  compare(folded.answer(), plain.answer());
  for (const Parameter& p : plain.parameters.all()) {
    INFO(p.name);
    compare(folded.parameters.read(p), plain.parameters.read(p));  // the statistics have moved alike
    if (p.home != Home::parameters) continue;
    if (p.name == "a/bias")
      CHECK(folded.parameters.read_gradient(p) == std::vector<float>(17, 0.0f));
    else
      compare(folded.parameters.read_gradient(p), plain.parameters.read_gradient(p));
  }
}
