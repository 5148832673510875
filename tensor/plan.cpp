#include "tensor/plan.h"

#include <algorithm>
#include <numeric>

namespace lineament {
namespace {

/// The last node beside which each value is read; kept ones and those nobody reads count too.
std::vector<int> last_readers(const std::vector<Node>& nodes, const std::vector<ValueInfo>& values,
                              const std::vector<int>& reads_until) {
  std::vector<int> last(values.size(), -1);
  for (int n = 0; n < static_cast<int>(nodes.size()); ++n) {
    for (int id : nodes[n].out) last[id] = n;
    for (int id : nodes[n].in) last[id] = std::max(last[id], reads_until.empty() ? n : reads_until[n]);
  }
  for (size_t id = 0; id < values.size(); ++id)
    if (values[id].kept) last[id] = static_cast<int>(nodes.size());
  return last;
}

/// The input whose storage this node's first output takes over, or -1.
int taken_over(const Node& node, int n, const std::vector<ValueInfo>& values, const std::vector<int>& last,
               const std::vector<int>& block_of) {
  if (node.op->inplace < 0) return -1;
  const int from = node.in[node.op->inplace];
  const int to = node.out[0];
  const bool both_temporary = block_of[from] >= 0 && values[to].home == Home::arena;
  const bool dies_here = last[from] == n && std::count(node.in.begin(), node.in.end(), from) == 1;
  return both_temporary && dies_here && values[from].desc.bytes() == values[to].desc.bytes() ? from : -1;
}

/// Lowest offset at which `bytes` fit beside the blocks placed so far that live at the same time.
size_t lowest_fit(const Block& block, const std::vector<const Block*>& by_offset) {
  size_t offset = 0;
  for (const Block* other : by_offset) {
    if (other->last < block.first || block.last < other->first) continue;
    if (offset + block.bytes <= other->offset) break;
    offset = std::max(offset, round_up(other->offset + other->bytes));
  }
  return offset;
}

}  // namespace

std::vector<Node> live_nodes(const Graph& graph) {
  const std::vector<Node>& nodes = graph.nodes();
  std::vector<bool> wanted(graph.values().size());
  for (size_t id = 0; id < wanted.size(); ++id) {
    const ValueInfo& v = graph.values()[id];
    wanted[id] = v.kept || (v.producer >= 0 && v.home != Home::arena);
  }
  std::vector<Node> live;
  for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
    if (std::none_of(node->out.begin(), node->out.end(), [&](int id) { return wanted[id]; })) continue;
    for (int id : node->in) wanted[id] = true;
    live.push_back(*node);
  }
  std::reverse(live.begin(), live.end());
  return live;
}

Plan plan_memory(const std::vector<Node>& nodes, const std::vector<ValueInfo>& values,
                 const std::vector<int>& reads_until) {
  Plan plan;
  plan.block_of.assign(values.size(), -1);
  const std::vector<int> last = last_readers(nodes, values, reads_until);

  for (int n = 0; n < static_cast<int>(nodes.size()); ++n) {
    const Node& node = nodes[n];
    const int from = taken_over(node, n, values, last, plan.block_of);
    for (size_t i = 0; i < node.out.size(); ++i) {
      const int id = node.out[i];
      if (values[id].home != Home::arena) continue;
      if (i == 0 && from >= 0) {
        plan.block_of[id] = plan.block_of[from];
        plan.blocks[plan.block_of[from]].last = last[id];
      } else {
        plan.block_of[id] = static_cast<int>(plan.blocks.size());
        plan.blocks.push_back({.bytes = values[id].desc.bytes(), .first = n, .last = last[id]});
      }
    }
  }

  std::vector<int> by_size(plan.blocks.size());
  std::iota(by_size.begin(), by_size.end(), 0);
  std::stable_sort(by_size.begin(), by_size.end(),
                   [&](int a, int b) { return plan.blocks[a].bytes > plan.blocks[b].bytes; });
  std::vector<const Block*> by_offset;
  for (int b : by_size) {
    Block& block = plan.blocks[b];
    block.offset = lowest_fit(block, by_offset);
    const auto at = std::upper_bound(by_offset.begin(), by_offset.end(), &block,
                                     [](const Block* x, const Block* y) { return x->offset < y->offset; });
    by_offset.insert(at, &block);
    plan.arena_bytes = std::max(plan.arena_bytes, round_up(block.offset + block.bytes));
  }
  return plan;
}

}  // namespace lineament
