#include "tensor/autograd.h"

namespace lineament {

extern const Op add_op;  // the one op the tape itself needs: a value used twice sums its gradients

Grad::Grad(Graph& graph, const Node& node, std::vector<Value> dy)
    : graph_(graph), node_(node), dy_(std::move(dy)), dx_(node.in.size()) {}

namespace {

/// The gradients found so far, by value id. A second contribution emits an add.
class Gradients {
 public:
  explicit Gradients(Graph& graph) : graph_(graph), of_(graph.values().size()) {}

  Value operator[](int id) const { return of_[id]; }

  void accumulate(int id, Value dx) {
    const Value v{&graph_, id};
    check(dx.shape() == v.shape(), "gradient of {}: {}, expected {}", graph_.info(v).name, to_string(dx.shape()),
          to_string(v.shape()));
    of_[id] = of_[id] ? graph_.apply1(add_op, {of_[id], dx}) : dx;
  }

 private:
  Graph& graph_;
  std::vector<Value> of_;
};

/// Moves a parameter's gradient into the flat buffer, where the optimiser looks for it.
void settle(Graph& graph, Value parameter, Value gradient) {
  ValueInfo& dw = graph.info(gradient);
  const ValueInfo& w = graph.info(parameter);
  check(dw.home == Home::arena, "{}: its gradient is shared with another parameter", w.name);
  dw.home = Home::gradients;
  dw.offset = w.offset;
  dw.name = w.name;
}

}  // namespace

std::vector<Value> backward(Value loss, std::span<const Value> wanted) {
  Graph& graph = *loss.graph;
  check(loss.desc().elements() == 1, "backward from {}, a loss is one number", to_string(loss.desc()));
  check(graph.info(loss).trainable, "backward from a loss that no trainable value reaches");

  Gradients gradients(graph);
  const int last = graph.info(loss).producer;
  for (int n = last; n >= 0; --n) {
    const Node node = graph.nodes()[n];
    std::vector<Value> dy;
    bool reached = n == last;
    for (int id : node.out) {
      dy.push_back(gradients[id]);
      reached = reached || dy.back();
    }
    bool asked_for = false;
    for (int id : node.in) asked_for = asked_for || graph.values()[id].trainable;
    if (!reached || !asked_for || !node.op->grad) continue;
    graph.set_label(node.label);
    Grad grad(graph, node, std::move(dy));
    node.op->grad(grad);
    for (size_t i = 0; i < node.in.size(); ++i)
      if (Value dx = grad.dx()[i]; dx && grad.needs(static_cast<int>(i))) gradients.accumulate(node.in[i], dx);
  }
  graph.set_label("");

  const int before = static_cast<int>(graph.values().size());
  for (int id = 0; id < loss.id && id < before; ++id) {
    const ValueInfo& v = graph.values()[id];
    if (v.home == Home::parameters && v.trainable && gradients[id]) settle(graph, {&graph, id}, gradients[id]);
  }
  std::vector<Value> found;
  for (Value v : wanted) found.push_back(gradients[v.id]);
  return found;
}

}  // namespace lineament
