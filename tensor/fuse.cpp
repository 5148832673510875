#include "tensor/fuse.h"

#include <algorithm>

namespace lineament {
namespace {

class Fuser {
 public:
  Fuser(std::vector<Node>& nodes, const std::vector<ValueInfo>& values, std::span<const Fusion> fusions)
      : nodes_(nodes), values_(values), fusions_(fusions), producer_(values.size(), -1), readers_(values.size(), 0),
        gone_(nodes.size(), false) {
    for (int n = 0; n < static_cast<int>(nodes.size()); ++n) {
      for (int id : nodes[n].out) producer_[id] = n;
      for (int id : nodes[n].in) ++readers_[id];
    }
  }

  void run() {
    for (Node& node : nodes_)
      while (fuse_into(node)) {
      }
    size_t n = 0;
    std::erase_if(nodes_, [&](const Node&) { return gone_[n++]; });
  }

 private:
  /// Whether a node before `second` became part of it.
  bool fuse_into(Node& second) {
    for (const Fusion& fusion : fusions_) {
      if (fusion.second != second.op) continue;
      for (size_t i = 0; i < second.in.size(); ++i) {
        const int between = second.in[i], n = producer_[between];
        if (n < 0 || gone_[n] || nodes_[n].op != fusion.first || nodes_[n].out.size() != 1) continue;
        const ValueInfo& v = values_[between];
        if (readers_[between] != 1 || v.kept || v.home != Home::arena || v.assigned_to >= 0) continue;
        if (!fusion.fuse(nodes_[n], i, second, values_)) continue;
        gone_[n] = true;
        return true;
      }
    }
    return false;
  }

  std::vector<Node>& nodes_;
  const std::vector<ValueInfo>& values_;
  std::span<const Fusion> fusions_;
  std::vector<int> producer_, readers_;  // by value: the node, and how many inputs of nodes it is
  std::vector<bool> gone_;               // by node
};

}  // namespace

void fuse(std::vector<Node>& nodes, const std::vector<ValueInfo>& values, std::span<const Fusion> fusions) {
  if (!fusions.empty()) Fuser(nodes, values, fusions).run();
}

}  // namespace lineament
