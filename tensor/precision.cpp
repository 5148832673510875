#include "tensor/precision.h"

#include <algorithm>
#include <array>

namespace lineament {

extern const Op cast_op;  // the one op that the pass itself needs: from f32 to bf16, or back

namespace {

/// Who makes and reads a value, and in which of its two types.
struct Uses {
  bool can_be_narrow;
  bool made_narrow = false, read_narrow = false, read_wide = false;
  int twin = -1;          // the same in bf16, where f32 is needed too
  bool has_both = false;  // while the nodes are gone through: whether its cast stands already
};

class Narrowing {
 public:
  Narrowing(std::vector<Node>& nodes, std::vector<ValueInfo>& values)
      : nodes_(nodes), values_(values), narrow_(nodes.size()) {
    for (const ValueInfo& v : values)
      uses_.push_back({v.desc.dtype == DType::f32 && v.desc.shape.rank() >= 2});
  }

  void run() {
    decide_by_readers();
    decide_by_makers();
    make_twins();
    insert_casts();
  }

 private:
  bool narrow_input(size_t n, size_t i) const {
    return (nodes_[n].op->narrow_in >> i & 1) && uses_[nodes_[n].in[i]].can_be_narrow;
  }
  bool narrow_output(size_t n, size_t i) const {
    return (nodes_[n].op->narrow_out >> i & 1) && uses_[nodes_[n].out[i]].can_be_narrow;
  }

  /// Not a reshape from or to a vector, which is f32: an op's narrow tensors are of one type.
  bool may_be_narrow(size_t n) const {
    const Node& node = nodes_[n];
    const auto stays_wide = [&](int id) {
      return values_[id].desc.dtype == DType::f32 && !uses_[id].can_be_narrow;
    };
    for (size_t i = 0; i < node.out.size(); ++i)
      if ((node.op->narrow_out >> i & 1) && stays_wide(node.out[i])) return false;
    return (node.op->narrow_in & 1) && !stays_wide(node.in[0]);
  }

  /// A matrix that stays f32 beside what may be bf16.
  bool has_weights(size_t n) const {
    const Node& node = nodes_[n];
    for (size_t i = 0; i < node.in.size(); ++i)
      if (!(node.op->narrow_in >> i & 1) && uses_[node.in[i]].can_be_narrow) return node.op->narrow_in != 0;
    return false;
  }

  /// Of ops that answer at narrow positions, those whose answers nobody reads in bf16 compute in f32: from the end back to
  /// the last layer with weights, which is given bf16 still.
  void decide_by_readers() {
    for (size_t n = nodes_.size(); n-- > 0;) {
      const Node& node = nodes_[n];
      bool wanted = node.op->narrow_out == 0;
      for (size_t i = 0; i < node.out.size(); ++i)
        wanted = wanted || (narrow_output(n, i) && uses_[node.out[i]].read_narrow);
      narrow_[n] = wanted && may_be_narrow(n);
      const bool gets_narrow = narrow_[n] || has_weights(n);
      for (size_t i = 0; gets_narrow && i < node.in.size(); ++i)
        if (narrow_input(n, i)) uses_[node.in[i]].read_narrow = true;
    }
  }

  /// Ops that only reduce compute in f32 where all that they read is made in it.
  void decide_by_makers() {
    for (Uses& uses : uses_) uses.read_narrow = false;
    for (size_t n = 0; n < nodes_.size(); ++n) {
      const Node& node = nodes_[n];
      bool any_narrow = node.op->narrow_out != 0;
      for (size_t i = 0; i < node.in.size(); ++i)
        any_narrow = any_narrow || (narrow_input(n, i) && uses_[node.in[i]].made_narrow);
      narrow_[n] = narrow_[n] && any_narrow;
      for (size_t i = 0; i < node.in.size(); ++i) {
        Uses& uses = uses_[node.in[i]];
        (narrow_[n] && narrow_input(n, i) ? uses.read_narrow : uses.read_wide) = true;
      }
      for (size_t i = 0; i < node.out.size(); ++i)
        uses_[node.out[i]].made_narrow = narrow_[n] && narrow_output(n, i);
    }
  }

  void make_twins() {
    for (size_t id = 0; id < uses_.size(); ++id) {
      Uses& uses = uses_[id];
      ValueInfo& v = values_[id];
      if (!uses.made_narrow && !uses.read_narrow) continue;
      if (uses.made_narrow && !uses.read_wide && v.home == Home::arena && !v.kept) {
        v.desc.dtype = DType::bf16;
        continue;
      }
      uses.twin = static_cast<int>(values_.size());
      values_.push_back({.desc = {v.desc.shape, DType::bf16}, .producer = v.producer, .name = v.name});
    }
  }

  void insert_casts() {
    std::vector<Node> rewritten;
    const auto cast = [&](int id, const std::string& label) {
      Uses& uses = uses_[id];
      if (uses.twin < 0 || std::exchange(uses.has_both, true)) return;
      const auto [from, to] = uses.made_narrow ? std::pair(uses.twin, id) : std::pair(id, uses.twin);
      rewritten.push_back({.op = &cast_op, .params = {}, .in = {from}, .out = {to}, .label = label});
    };
    for (size_t n = 0; n < nodes_.size(); ++n) {
      Node node = nodes_[n];
      for (size_t i = 0; i < node.in.size(); ++i) {
        const int id = node.in[i];
        const bool narrow = narrow_[n] && narrow_input(n, i);
        if (narrow != uses_[id].made_narrow) cast(id, node.label);
        if (narrow && uses_[id].twin >= 0) node.in[i] = uses_[id].twin;
      }
      for (int& id : node.out)
        if (uses_[id].made_narrow && uses_[id].twin >= 0) id = uses_[id].twin;
      rewritten.push_back(std::move(node));
    }
    for (int id = 0; id < static_cast<int>(uses_.size());
         ++id)  // what only the host, or nobody in bf16, reads
      if (uses_[id].made_narrow) cast(id, values_[id].name);
    nodes_ = std::move(rewritten);
  }

  std::vector<Node>& nodes_;
  std::vector<ValueInfo>& values_;
  std::vector<Uses> uses_;    // of the values as they were
  std::vector<bool> narrow_;  // nodes that compute in bf16
};

}  // namespace

void narrow_to_bf16(std::vector<Node>& nodes, std::vector<ValueInfo>& values) {
  Narrowing(nodes, values).run();
}

}  // namespace lineament
