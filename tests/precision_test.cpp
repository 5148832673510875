// The pass that makes bf16 of what stands between layers: what it leaves alone, and where its casts stand.
#include "tensor/precision.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "kernels/elementwise_ops.h"
#include "models/models.h"
#include "tensor/autograd.h"
#include "tensor/plan.h"
#include "tensor/program.h"

using namespace lineament;

namespace {

constexpr int kBatch = 3;

/// A network's program before and after the pass.
struct Narrowed {
  Graph graph;
  Value prediction;
  std::vector<Node> before, nodes;
  std::vector<ValueInfo> values;

  explicit Narrowed(const char* name, Mode mode = Mode::train) {
    Parameters parameters(cpu_backend());
    const Model model = find_model(name, {.dense = "96"});
    const Value images = graph.input({{kBatch, 96, 96, 1}}, "images");
    const Value rng = graph.input({{2}, DType::u64}, "rng");
    Scope scope(graph, parameters, mode, rng);
    prediction = model.build(scope, images, model.task).points;
    if (mode == Mode::train) {
      const Value target = graph.input({{kBatch, 30}}, "keypoints"),
                  mask = graph.input({{kBatch, 30}}, "mask");
      scope.enter("loss");
      const Value loss = mean_squared_error(prediction, target, mask);
      graph.keep(loss);
      backward(loss);
    } else {
      graph.keep(prediction);
    }
    narrow();
  }
  Narrowed() = default;

  void narrow() {
    before = nodes = live_nodes(graph);
    values = graph.values();
    narrow_to_bf16(nodes, values);
  }

  bool is_cast(const Node& node) const { return node.op == &cast_op; }
  size_t casts() const {
    return static_cast<size_t>(std::ranges::count_if(nodes, [&](auto& n) { return is_cast(n); }));
  }
  DType dtype(int id) const { return values[static_cast<size_t>(id)].desc.dtype; }
};

/// f32 or bf16, of rank 2 or more, at positions that the op's mask marks.
std::set<DType> narrow_types(const Narrowed& n, const std::vector<int>& ids, unsigned mask) {
  std::set<DType> types;
  for (size_t i = 0; i < ids.size(); ++i) {
    const Desc& d = n.values[static_cast<size_t>(ids[i])].desc;
    if ((mask >> i & 1) && d.shape.rank() >= 2 && (d.dtype == DType::f32 || d.dtype == DType::bf16))
      types.insert(d.dtype);
  }
  return types;
}

/// Each node computes in one type, which its op knows; each cast has another on either side.
void check_nodes(const Narrowed& n) {
  for (const Node& node : n.nodes) {
    CAPTURE(node.label);
    CAPTURE(node.op->name);
    if (n.is_cast(node)) {
      CHECK(n.dtype(node.in[0]) != n.dtype(node.out[0]));
      CHECK(n.values[static_cast<size_t>(node.in[0])].desc.shape ==
            n.values[static_cast<size_t>(node.out[0])].desc.shape);
      continue;
    }
    std::set<DType> types = narrow_types(n, node.in, node.op->narrow_in);
    types.merge(narrow_types(n, node.out, node.op->narrow_out));
    CHECK(types.size() <= 1);
    for (size_t i = 0; i < node.in.size(); ++i)
      if (!(node.op->narrow_in >> i & 1)) CHECK(n.dtype(node.in[i]) != DType::bf16);
    for (size_t i = 0; i < node.out.size(); ++i)
      if (!(node.op->narrow_out >> i & 1)) CHECK(n.dtype(node.out[i]) != DType::bf16);
  }
}

/// Every value is made before it is read, and once.
void check_order(const Narrowed& n) {
  std::vector<bool> made(n.values.size());
  for (size_t id = 0; id < made.size(); ++id)
    made[id] = n.graph.values().size() > id && n.values[id].producer < 0;
  for (const Node& node : n.nodes) {
    CAPTURE(node.label);
    for (int id : node.in) CHECK(made[static_cast<size_t>(id)]);
    for (int id : node.out) {
      CHECK_FALSE(made[static_cast<size_t>(id)]);
      made[static_cast<size_t>(id)] = true;
    }
  }
}

/// What somebody learns or looks at is f32, whatever reads it.
void check_homes(const Narrowed& n) {
  for (const ValueInfo& v : n.values)
    if (v.home != Home::arena || v.kept || v.desc.shape.rank() < 2) CHECK(v.desc.dtype != DType::bf16);
}

/// Pictures in f32 that live in the arena, casts' own aside.
size_t wide_pictures(const Narrowed& n) {
  size_t count = 0;
  for (const Node& node : n.nodes)
    for (int id : node.out) {
      const ValueInfo& v = n.values[static_cast<size_t>(id)];
      count += v.home == Home::arena && v.desc.shape.rank() == 4 && v.desc.dtype == DType::f32;
    }
  return count;
}

}  // namespace

TEST_CASE("the pass makes bf16 of all pictures of a training step, and of nothing that is learned") {
  for (const char* name :
       {"resnet50", "resnet50v2", "efficientnet_b0", "efficientnetv2_b3", "efficientnet_lite0", "cnn"}) {
    CAPTURE(std::string(name));
    const Narrowed n(name);
    check_nodes(n);
    check_order(n);
    check_homes(n);
    CHECK(wide_pictures(n) == 0);
    CHECK(n.nodes.size() == n.before.size() + n.casts());
  }
}

TEST_CASE(
    "casts stand at the input, before the answer and behind its loss alone, one for a value and a "
    "direction") {
  for (const char* name : {"resnet50", "efficientnet_b0", "efficientnet_lite0"}) {
    CAPTURE(std::string(name));
    const Narrowed n(name);
    std::set<int> made;
    std::map<std::string, int> labels;
    for (const Node& node : n.nodes)
      if (n.is_cast(node)) {
        CHECK(made.insert(node.in[0]).second);
        ++labels[fmt::format("{} to {}", n.values[static_cast<size_t>(node.in[0])].name,
                             name_of(n.dtype(node.out[0])))];
      }
    CHECK(labels ==
          std::map<std::string, int>{{"images to bf16", 1}, {"head_dense1 to f32", 1}, {"loss to bf16", 1}});
  }
}

TEST_CASE("the answer is f32, as are the products that make it") {
  for (Mode mode : {Mode::train, Mode::infer}) {
    const Narrowed n("resnet50", mode);
    check_nodes(n);
    check_order(n);
    check_homes(n);
    for (const Node& node : n.nodes)
      if (std::ranges::find(node.out, n.prediction.id) != node.out.end())
        for (int id : node.in) CHECK(n.dtype(id) == DType::f32);
    CHECK(n.casts() == (mode == Mode::train ? 3 : 2));
  }
}

TEST_CASE("the plan of a narrowed program takes about half, and what is written in place has as many bytes") {
  for (const char* name : {"resnet50", "efficientnet_b0"}) {
    CAPTURE(std::string(name));
    const Narrowed n(name);
    const Plan wide = plan_memory(n.before, n.graph.values()), plan = plan_memory(n.nodes, n.values);
    CHECK(double(plan.arena_bytes) < 0.56 * double(wide.arena_bytes));
    for (const Node& node : n.nodes)
      for (int id : node.out)
        if (const int block = plan.block_of[static_cast<size_t>(id)]; block >= 0)
          CHECK(n.values[static_cast<size_t>(id)].desc.bytes() <=
                plan.blocks[static_cast<size_t>(block)].bytes);
  }
}

TEST_CASE("a value that both types read has one twin, whoever made it") {
  Narrowed n;
  Graph& g = n.graph;
  const Value x = g.input({{2, 3}}, "x"), w = g.input({{3, 3}}, "w");
  const Value made_narrow = relu(x);        // f32 for softmax, for the host and for softmax again
  const Value wide = softmax(made_narrow);  // bf16 for add, and for add again
  const Value sum = add(add(made_narrow, wide), wide);
  const Value answer = dense(sum, w, {});  // f32: the host reads it
  for (Value v : {answer, softmax(made_narrow), made_narrow}) g.keep(v);
  n.narrow();
  check_nodes(n);
  check_order(n);
  check_homes(n);
  CHECK(n.casts() == 4);  // x; made_narrow; wide; sum
  CHECK(n.dtype(answer.id) == DType::f32);
}

TEST_CASE("vectors and what is reshaped from them stay f32") {
  Narrowed n;
  const Value x = n.graph.input({{2, 3}}, "x");
  const Value y = relu(reshape(relu(relu(x)), {6}));
  n.graph.keep(relu(relu(reshape(y, {3, 2}))));
  n.narrow();
  check_nodes(n);
  check_order(n);
}

TEST_CASE("the CPU refuses what it does not compute in, in one line") {
  Graph graph;
  const Value x = graph.input({{2, 3}}, "x");
  graph.keep(relu(x));
  for (Precision precision : {Precision::tf32, Precision::bf16})
    CHECK_THROWS_WITH_AS(
        Program(graph, cpu_backend(), {}, {.precision = precision}),
        fmt::format("--precision {}: the CPU computes in f32 alone; leave it out, or use --device cuda",
                    name_of(precision))
            .c_str(),
        InputError);
}

TEST_CASE("precisions have names, and others are refused") {
  for (Precision precision : {Precision::f32, Precision::tf32, Precision::bf16})
    CHECK(parse_choice<Precision>(name_of(precision), "--precision") == precision);
  CHECK_THROWS_WITH_AS(parse_choice<Precision>("fp16", "--precision"),
                       "--precision fp16: expected one of f32, tf32, bf16; did you mean bf16?", InputError);
}
