// Two lanes: what runs beside the rest computes the same bits however late either is, and what it reads is let alone.
#include "tensor/lanes.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <set>
#include <utility>

#include "base/random.h"
#include "kernels/ops.h"
#include "kernels/spatial_ops.h"
#include "layers/layers.h"
#include "network/trace.h"
#include "tensor/autograd.h"
#include "tensor/op_call.h"
#include "tensor/plan.h"
#include "tensor/program.h"

using namespace lineament;

namespace {

constexpr int kBatch = 3;
const ProgramOptions kPlanned{.planned = true, .poison = false};  // whatever the build's own

/// A network with more batches of side work than may wait, of layers alike: memory that is let go of is taken at once.
struct Trial {
  Graph graph;
  Parameters parameters{cpu_backend()};
  Value x, target, mask, loss;

  Trial() {
    x = graph.input({{kBatch, 9, 7, 3}}, "x");
    target = graph.input({{kBatch, 6}}, "target");
    mask = graph.input({{kBatch, 6}}, "mask");
    Scope s(graph, parameters, Mode::train);
    Value y = layers::conv2d(s, "stem", x, {.filters = 8});
    for (int block = 0; block < 6; ++block) {
      const Value before = y;
      const auto name = [&](const char* layer) { return fmt::format("{}{}", layer, block); };
      y = layers::depthwise_conv2d(s, name("depthwise"), y, {.bias = false});
      y = layers::batch_norm(s, name("norm"), y, {.activation = Activation::relu});
      y = layers::conv2d(s, name("expand"), y, {.filters = 16, .kernel = 1});
      y = relu(y);
      y = layers::conv2d(s, name("project"), y, {.filters = 8, .bias = false});
      y = layers::batch_norm(s, name("out"), y, {}, before);
    }
    loss = mean_squared_error(layers::dense(s, "head", flatten(y), 6), target, mask);
    graph.keep(loss);
    backward(loss);
    parameters.allocate(3);
  }

  void feed(Program& program, uint64_t step) const {
    const auto draw = [&](Value v) {
      std::vector<float> data(v.desc().elements());
      for (size_t i = 0; i < data.size(); ++i) data[i] = 2 * random_uniform(step, i) - 1;
      return data;
    };
    program.feed<float>(x, draw(x));
    program.feed<float>(target, draw(target));
    program.feed<float>(mask, std::vector<float>(mask.desc().elements(), 1.0f));
  }

  std::vector<float> gradients() const {
    std::vector<float> all;
    for (const Parameter& p : parameters.all())
      if (p.home == Home::parameters)
        for (float g : parameters.read_gradient(p)) all.push_back(g);
    return all;
  }
};

/// The CPU with two lanes, of which one holds its calls back for as long as the other need not wait for them.
class TwoLanes final : public Backend {
 public:
  enum class Late { main, side };
  explicit TwoLanes(Late late) : late_(late) {}

  const char* name() const override { return "two lanes"; }
  KernelList kernels(const Op& op) const override {
    std::vector<Kernel>& list = lists_[&op];
    if (list.empty()) {
      for (const Kernel* k = op.cpu; k->name; ++k) list.emplace_back(*k).run = asking(k->run);
      list.emplace_back();
    }
    return list.data();
  }
  Stream& stream() override { return main_stream_; }
  Stream* side_stream() override { return &side_stream_; }
  void fork() override {
    ++forks;
    while (!held_main_.empty()) run_first(held_main_);
    held_side_.emplace_back();
  }
  void await_side(int behind) override {
    while (held_side_.size() > static_cast<size_t>(behind)) {
      while (!held_side_.front().empty()) run_first(held_side_.front());
      held_side_.pop_front();
    }
  }
  void* allocate(size_t bytes) override { return cpu_backend().allocate(bytes); }
  void release(void* data) override { cpu_backend().release(data); }
  void copy_in(void* device, const void* host, size_t bytes) override { cpu_backend().copy_in(device, host, bytes); }
  void copy_out(void* host, const void* device, size_t bytes) override {
    synchronize();
    cpu_backend().copy_out(host, device, bytes);
  }
  void fill(void* device, int byte, size_t bytes) override { cpu_backend().fill(device, byte, bytes); }
  void synchronize() override {
    while (!held_main_.empty()) run_first(held_main_);
  }

  /// Nothing that was asked of the side is still to do.
  bool side_done() const { return held_side_.empty(); }

  int forks = 0, side_calls = 0;
  std::array<std::set<void*>, 2> workspaces;  // of the main lane's calls, and of the side's

 private:
  using Run = void (*)(const Call&);
  struct Asked {
    Run run;
    Call call;
  };
  struct Lane {
    TwoLanes& backend;
    bool side;
  };

  // A kernel is a function without data: which one it stands for is in its number.
  static constexpr size_t kMostKernels = 128;
  static std::vector<Run>& asked_about() {
    static std::vector<Run> runs;
    return runs;
  }
  template <size_t I>
  static void ask(const Call& call) {
    const Lane& lane = *static_cast<Lane*>(call.stream.handle);
    lane.backend.take(lane.side, {asked_about()[I], call});
  }
  static Run asking(Run run) {
    static constexpr auto kAsk = []<size_t... I>(std::index_sequence<I...>) {
      return std::array<Run, sizeof...(I)>{ask<I>...};
    }(std::make_index_sequence<kMostKernels>());
    std::vector<Run>& runs = asked_about();
    const auto found = std::ranges::find(runs, run);
    const auto at = static_cast<size_t>(found - runs.begin());
    if (found == runs.end()) runs.push_back(run);
    return kAsk.at(at);
  }

  void take(bool side, const Asked& asked) {
    check(!side || !held_side_.empty(), "side work before a fork");
    side_calls += side;
    if (asked.call.workspace) workspaces[side].insert(asked.call.workspace);
    if (side && late_ == Late::side)
      held_side_.back().push_back(asked);
    else if (!side && late_ == Late::main)
      held_main_.push_back(asked);
    else
      asked.run(asked.call);
  }
  static void run_first(std::deque<Asked>& held) {
    held.front().run(held.front().call);
    held.pop_front();
  }

  Late late_;
  Lane main_{*this, false}, side_{*this, true};
  Stream main_stream_{&main_}, side_stream_{&side_};
  std::deque<Asked> held_main_;
  std::deque<std::deque<Asked>> held_side_;  // by batch
  mutable std::map<const Op*, std::vector<Kernel>> lists_;
};

/// Losses and gradients of some steps.
struct Learned {
  std::vector<float> losses;
  std::vector<std::vector<float>> gradients;
  bool operator==(const Learned&) const = default;
};

template <class Run>
Learned learn(Backend& backend, const ProgramOptions& options, Run run) {
  Trial trial;
  Program program(trial.graph, backend, trial.parameters.buffers(), options);
  Learned learned;
  for (uint64_t step = 0; step < 3; ++step) {
    trial.feed(program, step);
    run(program);
    learned.losses.push_back(program.read(trial.loss)[0]);
    learned.gradients.push_back(trial.gradients());
  }
  return learned;
}
const auto run_all = [](Program& program) { program.run(); };

struct Traced {
  std::vector<Node> nodes;
  std::vector<ValueInfo> values;

  explicit Traced(const Graph& graph) : nodes(live_nodes(graph)), values(graph.values()) {}
};

Traced traced(const char* name, int batch) {
  Parameters parameters(cpu_backend());
  const Model model = find_model(name);
  return Traced(TracedStep(model, model.loss, parameters, Mode::train, batch).graph);
}

}  // namespace

TEST_CASE("lanes: gradients are the same bits whichever lane is late, and all there when a run ends") {
  const Learned expected = learn(cpu_backend(), kPlanned, run_all);
  for (const auto late : {TwoLanes::Late::side, TwoLanes::Late::main}) {
    TwoLanes backend(late);
    const Learned learned = learn(backend, kPlanned, [&](Program& program) {
      program.run();
      CHECK(backend.side_done());
    });
    const bool same = learned == expected;
    CHECK(same);
    CHECK(backend.forks > 3 * kSideBatches);
    CHECK(backend.side_calls > backend.forks);  // a bias's gradient goes with its weights'
    for (const auto& workspaces : backend.workspaces) CHECK(workspaces.size() == 1);
    CHECK(backend.workspaces[0] != backend.workspaces[1]);
  }
}

namespace {

/// The weights after some steps of plain descent; what updates them is asked for as `learn_step` has it.
template <class LearnStep>
std::vector<float> descended(Backend& backend, LearnStep learn_step) {
  Trial trial;
  Program program(trial.graph, backend, trial.parameters.buffers(), kPlanned);
  for (uint64_t step = 0; step < 3; ++step) {
    trial.feed(program, step);
    learn_step(program, trial.parameters);
    backend.synchronize();
  }
  std::vector<float> weights;
  for (const Parameter& p : trial.parameters.all())
    for (float w : trial.parameters.read(p)) weights.push_back(w);
  return weights;
}

/// What an update reads and writes, kept for as long as a lane may hold it back.
struct Descent {
  static constexpr float kHyper[3] = {0.1f, 0, 0};
  std::vector<float> hyper{std::begin(kHyper), std::end(kHyper)}, momentum;
  std::vector<View> in, out;

  Descent(Parameters& parameters, size_t begin, size_t end) : momentum(end - begin) {
    const Desc range{{static_cast<int64_t>(end - begin)}};
    const auto part = [&](const View& flat) { return View{range, flat.as<float>() + begin}; };
    in = {part(parameters.flat_values()), part(parameters.flat_gradients()), {range, momentum.data()}, {{{3}}, hyper.data()}};
    out = {in[0], in[2]};
  }
};

}  // namespace

TEST_CASE("lanes: parameters settle range by range, and are updated beside the rest to the same bits") {
  const auto at_once = [](Program& program, Parameters& parameters) {
    program.run();
    const Descent all(parameters, 0, parameters.flat_size());
    run_op(cpu_backend(), sgd_update_op, all.in, all.out, {});
  };
  const std::vector<float> expected = descended(cpu_backend(), at_once);
  for (const auto late : {TwoLanes::Late::side, TwoLanes::Late::main}) {
    TwoLanes backend(late);
    const auto in_ranges = [&](Program& program, Parameters& parameters) {
      std::deque<Descent> asked;
      std::deque<OpCall> calls;  // which run late
      size_t next = parameters.flat_size();
      program.run_calls([&](Stream& stream, size_t begin, size_t end) {
        end = std::min(end, parameters.flat_size());
        CHECK(end == next);
        next = begin;
        asked.emplace_back(parameters, begin, end);
        calls.emplace_back(backend, sgd_update_op, asked.back().in, asked.back().out).run(stream);
      });
      CHECK(next == 0);
      CHECK(asked.size() > 4);
      backend.synchronize();
    };
    const bool same = descended(backend, in_ranges) == expected;
    CHECK(same);
  }
}

TEST_CASE("lanes: a layer's gradient of weights comes before that of what it read") {
  Traced t{Trial().graph};
  bring_side_nodes_forward(t.nodes, t.values);
  std::vector<int> made_by(t.values.size(), -1);
  std::set<std::string> weights_done;
  int early = 0;
  for (size_t n = 0; n < t.nodes.size(); ++n) {
    for (int id : t.nodes[n].in) CHECK((made_by[id] >= 0 || t.values[id].producer < 0));
    for (int id : t.nodes[n].out) made_by[id] = static_cast<int>(n);
    if (t.nodes[n].op == &conv2d_dw_op) weights_done.insert(t.nodes[n].label);
    if (t.nodes[n].op == &conv2d_dx_op) early += weights_done.contains(t.nodes[n].label);
  }
  CHECK(early == 12);
}

TEST_CASE("lanes: profiles and the search for what is not finite run all in one") {
  const Learned expected = learn(cpu_backend(), kPlanned, run_all);
  TwoLanes backend(TwoLanes::Late::side);
  const Learned watched = learn(backend, kPlanned, [](Program& program) {
    size_t side = 0;
    program.run([&](const Program::Step& step, double) { side += step.side; });
    CHECK(side > kSideBatches);
  });
  const bool same = watched == expected;
  CHECK(same);
  learn(backend, kPlanned, [](Program& program) { CHECK(!program.find_non_finite()); });
  CHECK(backend.side_calls == 0);
}

TEST_CASE("lanes: one alone where it is asked for, and where memory is looked at between steps") {
  const Learned expected = learn(cpu_backend(), kPlanned, run_all);
  for (const ProgramOptions& options : {ProgramOptions{.planned = true, .poison = false, .side = false},
                                        ProgramOptions{.planned = true, .poison = true},
                                        ProgramOptions{.planned = false, .poison = false}}) {
    TwoLanes backend(TwoLanes::Late::side);
    const bool same = learn(backend, options, run_all) == expected;
    CHECK(same);
    CHECK(backend.side_calls == 0);
  }
}

TEST_CASE("lanes: beside the rest goes what fills gradients of weights, and no step for an answer") {
  const Traced t{Trial().graph};
  const Lanes lanes = find_lanes(t.nodes, t.values);
  REQUIRE(lanes.side.size() == t.nodes.size());
  int expected = 0;
  for (size_t n = 0; n < t.nodes.size(); ++n) {
    const std::string op = t.nodes[n].op->name;
    CAPTURE(op);
    CHECK(lanes.side[n] == (op.ends_with("_dw") || op == "channel_sum"));
    expected += lanes.side[n];
  }
  CHECK(expected == 20 + 8);  // weights and filters; biases that no batch norm has taken over

  Graph graph;
  Parameters parameters(cpu_backend());
  Scope s(graph, parameters, Mode::infer);
  graph.keep(layers::dense(s, "head", graph.input({{2, 5}}, "x"), 3));
  const Lanes answer = find_lanes(live_nodes(graph), graph.values());
  CHECK(std::ranges::count(answer.side, true) == 0);
}

TEST_CASE("lanes: a gradient that somebody reads is computed in its turn") {
  Graph graph;
  Parameters parameters(cpu_backend());
  Scope s(graph, parameters, Mode::train);
  const Value x = graph.input({{4, 5}}, "x"), target = graph.input({{4, 3}}, "target");
  const Value mask = graph.input({{4, 3}}, "mask");
  const Value loss = mean_squared_error(layers::dense(s, "head", x, 3), target, mask);
  backward(loss);
  const auto sides = [&] {
    const std::vector<Node> nodes = live_nodes(graph);
    return std::ranges::count(find_lanes(nodes, graph.values()).side, true);
  };
  CHECK(sides() == 2);
  const int dw = [&] {
    for (const Node& node : graph.nodes())
      if (node.op == &dense_dw_op) return node.out[0];
    return -1;
  }();
  REQUIRE(dw >= 0);
  graph.keep(relu({&graph, dw}));
  CHECK(sides() == 1);
}

TEST_CASE("lanes: nobody writes where a step beside may still read") {
  for (Traced t : {Traced(Trial().graph), traced("resnet50", 2), traced("efficientnet_b0", 2)}) {
    bring_side_nodes_forward(t.nodes, t.values);
    const Lanes lanes = find_lanes(t.nodes, t.values);
    const Plan plan = plan_memory(t.nodes, t.values, lanes.reads_until);
    const auto block = [&](int id) { return plan.block_of[id] < 0 ? nullptr : &plan.blocks[plan.block_of[id]]; };
    std::deque<std::vector<const Block*>> read;  // by the batches that are not awaited: as Program::run_calls goes
    size_t looked_at = 0, overlaps = 0;
    for (size_t n = 0; n < t.nodes.size(); ++n) {
      const bool beside = n > 0 && lanes.side[n - 1];
      if (lanes.side[n]) {
        if (!beside) read.emplace_back();
        for (int id : t.nodes[n].in)
          if (block(id)) read.back().push_back(block(id));
        continue;
      }
      if (beside && read.size() > kSideBatches) read.pop_front();
      for (int id : t.nodes[n].out)
        for (const auto& batch : read)
          for (const Block* other : batch) {
            if (!block(id)) continue;
            ++looked_at;
            overlaps += block(id)->offset < other->offset + other->bytes &&
                        other->offset < block(id)->offset + block(id)->bytes;
          }
    }
    CHECK(looked_at > 100);
    CHECK(overlaps == 0);
  }
}

TEST_CASE("lanes: what waits beside makes the arena of a backbone at most three in a hundred larger") {
  for (const char* name : {"resnet50", "efficientnet_b7"}) {
    Traced t = traced(name, 64);
    const auto one = static_cast<double>(plan_memory(t.nodes, t.values).arena_bytes);
    bring_side_nodes_forward(t.nodes, t.values);
    const Lanes lanes = find_lanes(t.nodes, t.values);
    const auto two = static_cast<double>(plan_memory(t.nodes, t.values, lanes.reads_until).arena_bytes);
    CAPTURE(name);
    CAPTURE(two / one);
    CHECK(two < 1.03 * one);
  }
}
