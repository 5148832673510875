// The tape: what a trace recorded. Values and the nodes that make them, in the order in which they run.
#pragma once
#include <string>
#include <vector>

#include "tensor/op.h"

namespace lineament {

class Graph;

/// A handle on one tensor of a graph, cheap to copy. An empty one stands for "none" (no bias, no gradient).
struct Value {
  Graph* graph = nullptr;
  int id = -1;

  explicit operator bool() const { return graph != nullptr; }
  const Desc& desc() const;
  const Shape& shape() const { return desc().shape; }
  bool operator==(const Value&) const = default;
};

/// Where a value's bytes live. The flat homes are shared by all programs of a model; see layers/parameters.h.
enum class Home : uint8_t {
  arena,       // a temporary: the planner gives it an offset
  input,       // fed by the caller before a run
  parameters,  // trained by the optimiser
  gradients,   // equal offsets to parameters
  statistics,  // running mean and variance: state that is not trained
};

struct ValueInfo {
  Desc desc;
  Home home = Home::arena;
  size_t offset = 0;      // in elements, for the flat homes
  int producer = -1;      // node, or -1 for inputs and parameters
  bool trainable = false; // a gradient is wanted, for it or for something before it
  bool kept = false;      // readable after a run
  int assigned_to = -1;   // written into the storage of this value; see assign
  std::string name = {};
};

struct Node {
  const Op* op;
  Params params;
  std::vector<int> in, out;  // value ids
  std::string label;         // the layer that emitted it: "conv1_bn"
};

/// Invariant: nodes are in running order; a node reads only values made before it.
class Graph {
 public:
  Graph() = default;
  Graph(const Graph&) = delete;  // values point back at their graph
  Graph& operator=(const Graph&) = delete;

  /// `trainable` inputs get a gradient too: what gradient checks ask for.
  Value input(const Desc& desc, std::string name, bool trainable = false);
  Value parameter(const Desc& desc, Home home, size_t offset, bool trainable, std::string name);

  /// Emits one node; shapes come from the op's `shapes`.
  std::vector<Value> apply(const Op& op, std::vector<Value> in, const Params& params = {});
  /// The same for ops whose first output is all that the caller wants.
  Value apply1(const Op& op, std::vector<Value> in, const Params& params = {}) { return apply(op, std::move(in), params)[0]; }

  /// `source`, freshly computed, is written straight into the storage of `target` (a parameter or statistic).
  void assign(Value target, Value source);
  /// Keeps a value in the middle readable after the run.
  void keep(Value value) { values_[value.id].kept = true; }

  /// Names the layer whose nodes come next.
  void set_label(std::string label) { label_ = std::move(label); }

  const std::vector<Node>& nodes() const { return nodes_; }
  const std::vector<ValueInfo>& values() const { return values_; }
  ValueInfo& info(Value value) { return values_[value.id]; }

 private:
  Value add(ValueInfo info);

  std::vector<Node> nodes_;
  std::vector<ValueInfo> values_;
  std::string label_;
};

inline const Desc& Value::desc() const { return graph->values()[id].desc; }

}  // namespace lineament
