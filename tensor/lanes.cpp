#include "tensor/lanes.h"

#include <algorithm>

namespace lineament {
namespace {

std::vector<bool> side_nodes(const std::vector<Node>& nodes, const std::vector<ValueInfo>& values) {
  std::vector<bool> read(values.size()), side;
  for (const Node& node : nodes)
    for (int id : node.in) read[id] = true;
  const auto only_filled = [&](int id) { return values[id].home == Home::gradients && !read[id]; };
  // Running statistics are written in their own place, whose readers the planner does not know.
  const auto stands = [&](int id) { return values[id].home != Home::statistics; };
  for (const Node& node : nodes)
    side.push_back(std::ranges::all_of(node.out, only_filled) && std::ranges::all_of(node.in, stands));
  return side;
}

std::vector<size_t> settled_from(const std::vector<Node>& nodes, const std::vector<ValueInfo>& values) {
  std::vector<size_t> from(nodes.size());
  size_t touched = 0;  // up to here, by later nodes
  for (size_t n = nodes.size(); n-- > 0;) {
    from[n] = touched;
    for (const std::vector<int>& ids : {nodes[n].in, nodes[n].out})
      for (int id : ids) {
        const ValueInfo& v = values[id];
        if (v.home == Home::parameters || v.home == Home::gradients) touched = std::max(touched, v.offset + v.desc.elements());
      }
  }
  return from;
}

}  // namespace

Lanes find_lanes(const std::vector<Node>& nodes, const std::vector<ValueInfo>& values) {
  Lanes lanes{.side = side_nodes(nodes, values), .reads_until = {}, .settled_from = {}};
  const int count = static_cast<int>(nodes.size());
  const auto side = [&](int n) { return n < count && lanes.side[n]; };
  std::vector<int> ends;  // the last node of each batch
  for (int n = 0; n < count; ++n)
    if (side(n) && !side(n + 1)) ends.push_back(n);
  size_t batch = 0;
  for (int n = 0; n < count; ++n) {
    const size_t last_beside = batch + kSideBatches;  // behind this one the main lane waits for `batch`
    lanes.reads_until.push_back(!side(n) ? n : last_beside < ends.size() ? ends[last_beside] : count);
    if (side(n) && !side(n + 1)) ++batch;
  }
  lanes.settled_from = settled_from(nodes, values);
  return lanes;
}

void bring_side_nodes_forward(std::vector<Node>& nodes, const std::vector<ValueInfo>& values) {
  const std::vector<bool> side = side_nodes(nodes, values);
  std::vector<int> made_by(values.size(), -1);
  for (int n = 0; n < static_cast<int>(nodes.size()); ++n)
    for (int id : nodes[n].out) made_by[id] = n;
  std::vector<std::vector<int>> behind(nodes.size() + 1);  // by node, from one before the first: side nodes, in their order
  for (int n = 0; n < static_cast<int>(nodes.size()); ++n) {
    if (!side[n]) continue;
    int last = -1;
    for (int id : nodes[n].in) last = std::max(last, made_by[id]);
    behind[last + 1].push_back(n);
  }
  std::vector<Node> ordered;
  for (int n = -1; n < static_cast<int>(nodes.size()); ++n) {
    if (n >= 0 && !side[n]) ordered.push_back(nodes[n]);
    for (int moved : behind[n + 1]) ordered.push_back(nodes[moved]);
  }
  nodes = std::move(ordered);
}

}  // namespace lineament
