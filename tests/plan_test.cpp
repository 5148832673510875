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

/// Nodes from the one that writes a value to the last that reads it; the end of the program where it is kept.
struct Life {
  int first = -1, last = -1;
};

/// Read off the nodes themselves: what the planner thinks of them is what is tested.
std::vector<Life> lives_of(const std::vector<Node>& nodes, const std::vector<ValueInfo>& values) {
  std::vector<Life> lives(values.size());
  for (int n = 0; n < static_cast<int>(nodes.size()); ++n) {
    for (const int id : nodes[n].in) lives[id].last = n;
    for (const int id : nodes[n].out) lives[id] = {n, n};
  }
  for (size_t id = 0; id < values.size(); ++id)
    if (values[id].kept) lives[id].last = static_cast<int>(nodes.size());
  return lives;
}

/// Whether `node` may write its first output over `from`: its op can, and it is the last to read it.
bool takes_over(const Node& node, int from, int to) {
  return node.op->inplace >= 0 && node.in[node.op->inplace] == from && node.out[0] == to;
}

void no_two_live_values_overlap(const Graph& graph) {
  const std::vector<Node>& nodes = graph.nodes();
  const std::vector<ValueInfo>& values = graph.values();
  const Plan plan = plan_memory(nodes, values);
  const std::vector<Life> lives = lives_of(nodes, values);
  std::vector<int> temporaries;
  for (int id = 0; id < static_cast<int>(values.size()); ++id)
    if (values[id].home == Home::arena && lives[id].first >= 0) temporaries.push_back(id);
  size_t pairs = 0, taken_over = 0;
  for (const int b : temporaries) {
    REQUIRE(plan.block_of[b] >= 0);
    const size_t begin = plan.blocks[plan.block_of[b]].offset, end = begin + values[b].desc.bytes();
    CHECK(begin % kAlignment == 0);
    CHECK(end <= plan.arena_bytes);
    for (const int a : temporaries) {
      if (lives[a].first >= lives[b].first || lives[a].last < lives[b].first) continue;
      ++pairs;
      const size_t other = plan.blocks[plan.block_of[a]].offset;
      if (other + values[a].desc.bytes() <= begin || end <= other) continue;
      CAPTURE(a);
      CAPTURE(b);
      CHECK(lives[a].last == lives[b].first);
      CHECK(takes_over(nodes[lives[b].first], a, b));
      ++taken_over;
    }
    for (const int a : temporaries) {  // of one node
      if (a >= b || lives[a].first != lives[b].first) continue;
      const size_t other = plan.blocks[plan.block_of[a]].offset;
      const bool apart = other + values[a].desc.bytes() <= begin || end <= other;
      CHECK(apart);
    }
  }
  CHECK(pairs > 100);
  CHECK(taken_over > 3);
}

}  // namespace

TEST_CASE("no two values that live at once overlap, unless one takes over the other's storage") {
  for (int n : {1, 3, 17}) no_two_live_values_overlap(Trial(n).graph);
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
