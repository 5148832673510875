// Plan: every temporary gets an offset in one arena, so that no two that live at once overlap.
#pragma once
#include <cstddef>
#include <vector>

#include "tensor/graph.h"

namespace lineament {

inline constexpr size_t kAlignment = 64;  // a cache line, and the widest vector

inline size_t round_up(size_t bytes, size_t to = kAlignment) { return (bytes + to - 1) / to * to; }

/// Storage shared by a value and those that take it over in place.
struct Block {
  size_t offset = 0, bytes = 0;
  int first = 0, last = 0;  // nodes from the one that writes it to the last that reads it, both included
};

struct Plan {
  std::vector<int> block_of;  // by value id; -1 where the value does not live in the arena
  std::vector<Block> blocks;
  size_t arena_bytes = 0;
};

/// The nodes somebody will look at: those that write a state or a kept value, and what they read.
std::vector<Node> live_nodes(const Graph& graph);

/// Lays out the temporaries of `nodes` (running order). Largest first, each at the lowest offset that is free over its
/// whole life (greedy by size: Pisarchyk & Lee, arXiv:2001.03288). `reads_until` has for each node the last one beside
/// which it may still read its inputs (Lanes); none: each is done before the next begins.
Plan plan_memory(const std::vector<Node>& nodes, const std::vector<ValueInfo>& values,
                 const std::vector<int>& reads_until = {});

}  // namespace lineament
