// Differentiate: walks the tape backwards and appends the nodes that compute the gradients.
#pragma once
#include <span>
#include <vector>

#include "tensor/graph.h"

namespace lineament {

/// What an op's `grad` works with: the node's inputs and outputs, dy of each output, and a place for each dx.
class Grad {
 public:
  Grad(Graph& graph, const Node& node, std::vector<Value> dy);

  Graph& graph() { return graph_; }
  Value in(int i) const { return {&graph_, node_.in[i]}; }
  Value out(int i) const { return {&graph_, node_.out[i]}; }
  int inputs() const { return static_cast<int>(node_.in.size()); }
  /// Gradient of output i; empty when nothing downstream depends on it.
  Value dy(int i = 0) const { return dy_[i]; }
  template <class T>
  const T& params() const {
    return node_.params.as<T>();
  }
  /// Whether anybody wants the gradient of input i; if not, `set(i)` may be left out.
  bool needs(int i) const { return graph_.values()[node_.in[i]].trainable; }
  void set(int i, Value dx) { dx_[i] = dx; }

  const std::vector<Value>& dx() const { return dx_; }

 private:
  Graph& graph_;
  const Node node_;  // a copy: emitting nodes moves the tape's vector
  std::vector<Value> dy_, dx_;
};

/// Appends d loss / d v for every trainable value before `loss`, a scalar. Gradients of parameters move to
/// Home::gradients, at the parameter's own offset. Returns the gradients of `wanted` (empty where none flows).
std::vector<Value> backward(Value loss, std::span<const Value> wanted = {});

}  // namespace lineament
