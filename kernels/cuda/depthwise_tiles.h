// Depthwise convolutions by tiles: a thread has a few channels of a square of targets and reads each source that their taps
// share once. What follows says which sources those are, and which threads of a block stand beside each other.
#pragma once
#include <algorithm>

#include "kernels/cuda/divisor.h"
#include "kernels/cuda/floats.h"

namespace lineament {

/// Along one axis, targets are positions and sources the pixels under their K taps of stride S.
template <int K, int S>
struct Positions {
  static constexpr int kTaps = K, kTile = S == 1 ? 4 : 2, kSources = (kTile - 1) * S + K;
  /// The tap between two of a tile; outside 0 to K - 1 there is none.
  static constexpr int tap(int target, int source) { return source - target * S; }
  /// Targets before the first that make its tile a whole one.
  static constexpr int lead(int) { return 0; }
  static constexpr int first_source(int target, int before) { return target * S - before; }
};

/// Targets are pixels and sources the positions that have one of K taps on them. A tile begins where tap 0 of some position
/// lands, so that taps are known beforehand for every stride.
template <int K, int S>
struct CoveredPixels {
  static constexpr int kTaps = K, kTile = 4, kBehind = (K - 1) / S, kSources = kBehind + (kTile - 1) / S + 1;
  static constexpr int tap(int target, int source) { return target - (source - kBehind) * S; }
  static constexpr int lead(int before) { return before % S; }
  static constexpr int first_source(int target, int before) { return (target + before) / S - kBehind; }
};

/// Channels of a thread: what leaves registers for the taps.
template <int K>
inline constexpr int kTileChannels = K == 3 ? 4 : 2;

inline constexpr int kTileThreads = 128, kTileResident = 4;  // threads of a block, blocks of a multiprocessor
inline constexpr int64_t kTileBlocks = 1024;                 // enough to fill a GPU
inline constexpr int kLaneBytes = 128;                       // neighbours that a block reads in one go

/// A block takes `lanes` packs of channels and `slots` strips side by side; a strip is `walk` tiles, one below the other,
/// whose rows overlap in the cache and share the filter in registers.
struct TileCut {
  int packs, lanes, chunks, slots;
  int rows, walk;           // of tiles: in a picture, in a strip
  Divisor columns, groups;  // strips of a picture: side by side, and below each other
  int64_t strips;

  TileCut(int64_t n, int tile_rows, int tile_columns, int64_t channels, int pack, int pack_bytes, int longest)
      : packs(static_cast<int>(channels / pack)),
        lanes(1),
        chunks((packs * pack_bytes + kLaneBytes - 1) / kLaneBytes),
        slots(1),
        rows(tile_rows),
        walk(1),
        columns(tile_columns),
        groups(tile_rows),
        strips(n * tile_rows * tile_columns) {
    lanes = (packs + chunks - 1) / chunks;
    slots = kTileThreads / lanes;
    walk = static_cast<int>(
        std::clamp<int64_t>(strips * chunks / (slots * kTileBlocks), 1, std::min(longest, rows)));
    const int below = (rows + walk - 1) / walk;
    groups = Divisor(below);
    strips = n * below * tile_columns;
  }
  unsigned threads() const { return static_cast<unsigned>(lanes * slots); }
  unsigned blocks() const { return blocks_for(strips, slots) * static_cast<unsigned>(chunks); }

  struct Strip {
    int picture, row, column;  // of tiles
  };
  __device__ Strip strip(int64_t i) const {
    const int64_t line = columns.quotient(i), picture = groups.quotient(line);
    return {static_cast<int>(picture), static_cast<int>(line - picture * groups.divisor()) * walk,
            static_cast<int>(i - line * columns.divisor())};
  }
};

/// Where a thread is in its block.
struct TilePlace {
  int lane, slot, pack;
  int64_t part;  // of the strips

  __device__ explicit TilePlace(const TileCut& cut) {
    const int thread = static_cast<int>(threadIdx.x);
    slot = thread / cut.lanes;
    lane = thread - slot * cut.lanes;
    part = blockIdx.x / static_cast<unsigned>(cut.chunks);
    pack = static_cast<int>(blockIdx.x - part * cut.chunks) * cut.lanes + lane;
  }
};

/// A pack of zeros outside the picture, where `from` may point anywhere.
template <int V, class T>
__device__ inline Floats<V> load_or_zeros(const T* from, bool inside) {
  Pack<T, V> pack = {};
  if (inside) pack = load_pack<V>(from);
  return widened(pack);
}

__device__ inline bool inside(int i, int size) {
  return static_cast<unsigned>(i) < static_cast<unsigned>(size);
}

/// Whether filter and channels are what tiles are made for.
template <int K>
bool tiles_fit(const Call& call, int64_t channels) {
  return channels % kTileChannels<K> == 0 && packs_fit(call);
}

}  // namespace lineament
