// Sums over rows in three levels, short runs first: a million terms in f32 lose little.
#include "kernels/cpu/simd/lanes.h"
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/partial_sums.h"
#include "kernels/cpu/simd/spatial.h"

namespace lineament::LINEAMENT_LEVEL {

size_t channel_sum_workspace(std::span<const Desc> descs, const Params&) {
  return kParts * descs.back().bytes();
}

void channel_sum_vector(const Call& call) {
  constexpr int64_t kRun = 256;
  const float* dy = call.in[0].as<float>();
  int64_t c = call.out[0].shape()[0], rows = static_cast<int64_t>(call.in[0].desc.elements()) / c;
  float* parts = static_cast<float*>(call.workspace);
  parallel_chunks(kParts, [&](int64_t part) {
    int64_t end = part_begin(rows, part + 1);
    over_channels(c, [&]<class Block>(const Block& block) {
      Lanes total[Block::kVectors] = {};
      for (int64_t first = part_begin(rows, part); first < end; first += kRun) {
        Lanes run[Block::kVectors] = {};
        for (int64_t row = first; row < std::min(first + kRun, end); ++row)
          for (int v = 0; v < Block::kVectors; ++v) run[v] += block.load(dy + row * c, v);
        for (int v = 0; v < Block::kVectors; ++v) total[v] += run[v];
      }
      for (int v = 0; v < Block::kVectors; ++v) block.store(parts + part * c, v, total[v]);
    });
  });
  add_parts(parts, c, call.out[0].as<float>());
}

}  // namespace lineament::LINEAMENT_LEVEL
