// The planner keeps what lives at once apart, and a planned program computes what an unplanned one does.
#include "tensor/plan.h"

#include <doctest/doctest.h>
#include <malloc.h>

#include <atomic>
#include <cstdlib>

#include "base/random.h"
#include "kernels/ops.h"
#include "layers/layers.h"
#include "models/models.h"
#include "tensor/autograd.h"
#include "tensor/program.h"

using namespace lineament;

namespace {

/// A small network with everything that makes planning hard: a residual, a fused norm, in-place ops, values used twice.
struct Trial {
  Graph graph;
  Parameters parameters{cpu_backend()};
  Value x, target, mask, rng, y, loss;

  explicit Trial(int n) {
    x = graph.input({{n, 7, 5, 3}}, "x");
    rng = graph.input({{2}, DType::u64}, "rng");
    target = graph.input({{n, 11}}, "target");
    mask = graph.input({{n, 11}}, "mask");
    Scope s(graph, parameters, Mode::train, rng);
    Value a = layers::conv2d(s, "stem", x, {.filters = 8});
    a = layers::batch_norm(s, "stem_bn", a, {.activation = Activation::swish});
    Value b = layers::depthwise_conv2d(s, "dw", a, {.kernel = 3, .bias = false});
    b = layers::batch_norm(s, "dw_bn", b, {.activation = Activation::relu}, a);
    const Value gate = sigmoid(layers::conv2d(s, "gate", global_average_pool(b, true), {.filters = 8, .kernel = 1}));
    Value c = layers::drop_path(s, multiply(b, gate), 0.3f);
    c = add(c, a);
    c = flatten(layers::dropout(s, max_pool(relu6(c), {.size = 3, .stride = 2, .padding = Padding::same()}), 0.2f));
    y = layers::dense(s, "head", c, 11);
    loss = mean_squared_error(y, target, mask);
    graph.keep(loss);
    graph.keep(y);
    backward(loss);
    parameters.allocate(3);
  }

  void feed(Program& p) const {
    auto draw = [](Value v, uint64_t stream) {
      std::vector<float> data(v.desc().elements());
      for (size_t i = 0; i < data.size(); ++i) data[i] = 2 * random_uniform(stream, i) - 1;
      return data;
    };
    p.feed<float>(x, draw(x, 1));
    p.feed<float>(target, draw(target, 2));
    p.feed<float>(mask, std::vector<float>(mask.desc().elements(), 1.0f));
    p.feed<uint64_t>(rng, std::vector<uint64_t>{5, 7});
  }

  std::vector<float> gradients() const {
    std::vector<float> all;
    for (const Parameter& p : parameters.all())
      if (p.home == Home::parameters)
        for (float g : parameters.read_gradient(p)) all.push_back(g);
    return all;
  }
};

void no_two_live_blocks_overlap(const Graph& graph) {
  const Plan plan = plan_memory(graph.nodes(), graph.values());
  size_t pairs = 0;
  for (size_t i = 0; i < plan.blocks.size(); ++i) {
    const Block& a = plan.blocks[i];
    CHECK(a.offset % kAlignment == 0);
    CHECK(a.offset + a.bytes <= plan.arena_bytes);
    for (size_t j = 0; j < i; ++j) {
      const Block& b = plan.blocks[j];
      if (a.last < b.first || b.last < a.first) continue;
      ++pairs;
      const bool apart = a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset;
      CHECK(apart);
    }
  }
  CHECK(pairs > 0);
}

}  // namespace

TEST_CASE("no two live blocks overlap") {
  for (int n : {1, 3, 17}) no_two_live_blocks_overlap(Trial(n).graph);
}

TEST_CASE("planning saves memory over one allocation per value") {
  Trial trial(13);
  const Plan plan = plan_memory(trial.graph.nodes(), trial.graph.values());
  size_t unplanned = 0;
  for (const Block& block : plan.blocks) unplanned += block.bytes;
  CHECK(plan.arena_bytes < 0.8 * unplanned);
}

TEST_CASE("a planned program computes bit for bit what an unplanned one does") {
  Trial trial(5);
  std::vector<std::vector<float>> outputs, gradients;
  for (bool planned : {true, false}) {
    for (bool poison : {true, false}) {
      Trial fresh(5);  // running statistics move with each run
      Program program(fresh.graph, cpu_backend(), fresh.parameters.buffers(), {.planned = planned, .poison = poison});
      fresh.feed(program);
      program.run();
      outputs.push_back(program.read(fresh.y));
      gradients.push_back(fresh.gradients());
      for (float v : outputs.back()) CHECK(std::isfinite(v));
    }
  }
  for (size_t i = 1; i < outputs.size(); ++i) {
    CHECK(outputs[i] == outputs[0]);
    CHECK(gradients[i] == gradients[0]);
  }
}

TEST_CASE("one thread and two give the same bits") {
  std::vector<std::vector<float>> gradients;
  for (int count : {1, 2, 3}) {
    set_threads(count);
    Trial trial(19);
    Program program(trial.graph, cpu_backend(), trial.parameters.buffers());
    trial.feed(program);
    program.run();
    gradients.push_back(trial.gradients());
  }
  set_threads(0);
  CHECK(gradients[1] == gradients[0]);
  CHECK(gradients[2] == gradients[0]);
}

TEST_CASE("a value in the middle survives when it is kept") {
  Graph graph;
  const Value x = graph.input({{3, 5}}, "x");
  const Value a = relu(x);
  Value y = a;
  for (int i = 0; i < 4; ++i) y = affine(y, {.scale = {2}});
  graph.keep(a);
  graph.keep(y);
  Program program(graph, cpu_backend(), {});
  std::vector<float> data(15);
  for (int i = 0; i < 15; ++i) data[i] = float(i - 7);
  program.feed<float>(x, data);
  program.run();
  for (int i = 0; i < 15; ++i) {
    CHECK(program.read(a)[i] == std::max(0.0f, data[i]));
    CHECK(program.read(y)[i] == 16 * std::max(0.0f, data[i]));
  }
}

TEST_CASE("programs of two batch sizes share one arena") {
  Trial large(9), small(2);
  auto arena = std::make_shared<Arena>(cpu_backend());
  const ProgramOptions planned{.planned = true};
  Program first(small.graph, cpu_backend(), small.parameters.buffers(), planned, arena);
  Program second(large.graph, cpu_backend(), large.parameters.buffers(), planned, arena);  // makes the arena larger
  CHECK(arena->memory.bytes() == second.arena_bytes());
  CHECK(second.arena_bytes() > first.arena_bytes());
  small.feed(first);
  first.run();
  Trial alone(2);
  Program apart(alone.graph, cpu_backend(), alone.parameters.buffers(), planned);
  alone.feed(apart);
  apart.run();
  CHECK(first.read(small.y) == apart.read(alone.y));
}

TEST_CASE("the layer that first made a NaN is named") {
  Trial trial(2);
  Program program(trial.graph, cpu_backend(), trial.parameters.buffers());
  trial.feed(program);
  CHECK_FALSE(program.find_non_finite().has_value());
  const Parameter& kernel = *trial.parameters.find("dw/kernel");
  trial.parameters.write(kernel, std::vector<float>(kernel.desc.elements(), 1e38f));
  const auto found = program.find_non_finite();
  REQUIRE(found.has_value());
  CHECK(found->find("dw") == 0);
}
