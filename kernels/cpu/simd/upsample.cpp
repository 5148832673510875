// Bilinear upsampling and its gradient, a few registers of channels along a row at a time: rows are blended once for
// each column, and the blend serves the columns to its left and right.
#include "kernels/upsample.h"

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/simd/lanes.h"
#include "kernels/cpu/simd/spatial.h"
#include "kernels/pixels.h"

namespace lineament::LINEAMENT_LEVEL {
namespace {

/// Registers of channels of one column.
template <int V>
struct Column {
  Lanes at[V];
};

template <int V>
Column<V> blended(const Column<V>& near, const Column<V>& far) {
  Column<V> y;
  for (int v = 0; v < V; ++v) y.at[v] = kNearShare * near.at[v] + kFarShare * far.at[v];
  return y;
}

template <class Block, int V = Block::kVectors>
void store(const Block& block, float* to, const Column<V>& column) {
  for (int v = 0; v < V; ++v) block.store(to, v, column.at[v]);
}

/// Calls f(n, h) for every row of `p`, on all threads.
template <class F>
void for_rows(const Pixels<float>& p, F&& f) {
  const int64_t grain = std::max<int64_t>(1, kElementwiseGrain / (int64_t{p.w} * p.c));
  parallel_ranges(int64_t{p.n} * p.h, grain, [&](int64_t first, int64_t last) {
    for (int64_t row = first; row < last; ++row) f(static_cast<int>(row / p.h), static_cast<int>(row % p.h));
  });
}

}  // namespace

void upsample_vector(const Call& call) {
  auto x = pixels<float>(call.in[0]), y = pixels<float>(call.out[0]);
  for_rows(y, [&](int n, int h) {
    const Between rows = lines_between(h, x.h);
    over_channels(x.c, [&]<class Block>(const Block& block) {
      using Registers = Column<Block::kVectors>;
      const auto column = [&](int w) {
        Registers near, far;
        for (int v = 0; v < Block::kVectors; ++v) {
          near.at[v] = block.load(x.at(n, rows.near, w), v);
          far.at[v] = block.load(x.at(n, rows.far, w), v);
        }
        return blended(near, far);
      };
      Registers here = column(0), left = here;
      for (int w = 0; w < x.w; ++w) {
        const Registers right = w + 1 < x.w ? column(w + 1) : here;
        store(block, y.at(n, h, 2 * w), blended(here, left));
        store(block, y.at(n, h, 2 * w + 1), blended(here, right));
        left = here, here = right;
      }
    });
  });
}

void upsample_dx_vector(const Call& call) {
  auto dy = pixels<float>(call.in[0]), dx = pixels<float>(call.out[0]);
  for_rows(dx, [&](int n, int h) {
    const Readers rows = readers_of(h, dx.h);
    over_channels(dx.c, [&]<class Block>(const Block& block) {
      using Registers = Column<Block::kVectors>;
      const auto column = [&](int w) {
        Registers sum = {};
        for (int i = 0; i < 4; ++i)
          for (int v = 0; v < Block::kVectors; ++v)
            sum.at[v] += share_of_reader(i) * block.load(dy.at(n, rows.line[i], w), v);
        return sum;
      };
      Registers first = column(0), before = first;
      for (int w = 0; w < dx.w; ++w) {
        const Registers second = column(2 * w + 1), next = w + 1 < dx.w ? column(2 * w + 2) : second;
        Registers sum;
        for (int v = 0; v < Block::kVectors; ++v)
          sum.at[v] = kNearShare * (first.at[v] + second.at[v]) + kFarShare * (before.at[v] + next.at[v]);
        store(block, dx.at(n, h, w), sum);
        before = second, first = next;
      }
    });
  });
}

}  // namespace lineament::LINEAMENT_LEVEL
