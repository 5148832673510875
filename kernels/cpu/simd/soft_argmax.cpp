// Soft-argmax, a block of channels at a time: a face's maps are walked three times, out of cache once.
#include <algorithm>

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/simd/spatial.h"
#include "kernels/formulas.h"
#include "kernels/pixels.h"
#include "kernels/spatial_ops.h"

namespace lineament::LINEAMENT_LEVEL {
namespace {

constexpr int kMaps = 32;  // in a block: its sums stay in registers or in L1

}  // namespace

void soft_argmax_vector(const Call& call) {
  const MapGrid grid = call.params.as<MapGrid>();
  const auto x = pixels<float>(call.in[0]);
  float *y = call.out[0].as<float>(), *peak = call.out[1].as<float>();
  const int blocks = (x.c + kMaps - 1) / kMaps;
  parallel_chunks(int64_t{x.n} * blocks, [=](int64_t task) {
    const int n = static_cast<int>(task / blocks), first = static_cast<int>(task % blocks) * kMaps;
    const int maps = std::min(kMaps, x.c - first);
    float largest[kMaps], sum[kMaps] = {}, across[kMaps] = {}, down[kMaps] = {};
    std::copy_n(x.at(n, 0, 0) + first, maps, largest);
    for (int i = 0; i < x.h; ++i)
      for (int j = 0; j < x.w; ++j) {
        const float* from = x.at(n, i, j) + first;
#pragma omp simd
        for (int c = 0; c < maps; ++c) largest[c] = largest[c] < from[c] ? from[c] : largest[c];
      }
    for (int i = 0; i < x.h; ++i) {
      float row_sum[kMaps] = {};
      for (int j = 0; j < x.w; ++j) {
        const float* from = x.at(n, i, j) + first;
        const auto column = static_cast<float>(j);
#pragma omp simd
        for (int c = 0; c < maps; ++c) {
          const float e = exponential(from[c] - largest[c]);
          row_sum[c] += e;
          across[c] += e * column;
        }
      }
      const auto row = static_cast<float>(i);
#pragma omp simd
      for (int c = 0; c < maps; ++c) {
        sum[c] += row_sum[c];
        down[c] += row_sum[c] * row;
      }
    }
    for (int c = 0; c < maps; ++c) {
      const int64_t at = 2 * (int64_t{n} * x.c + first + c);
      const float share = 1.0f / sum[c];
      y[at] = grid.left + grid.step * across[c] * share;
      y[at + 1] = grid.top + grid.step * down[c] * share;
      peak[at] = largest[c];
      peak[at + 1] = share;
    }
  });
}

void soft_argmax_dx_vector(const Call& call) {
  const MapGrid grid = call.params.as<MapGrid>();
  const auto x = pixels<float>(call.in[0]), dx = pixels<float>(call.out[0]);
  const float *y = call.in[1].as<float>(), *peak = call.in[2].as<float>(), *dy = call.in[3].as<float>();
  const int blocks = (x.c + kMaps - 1) / kMaps;
  parallel_chunks(int64_t{x.n} * blocks, [=](int64_t task) {
    const int n = static_cast<int>(task / blocks), first = static_cast<int>(task % blocks) * kMaps;
    const int maps = std::min(kMaps, x.c - first);
    float largest[kMaps], share[kMaps], y_x[kMaps], y_y[kMaps], dy_x[kMaps], dy_y[kMaps];
    for (int c = 0; c < maps; ++c) {
      const int64_t at = 2 * (int64_t{n} * x.c + first + c);
      largest[c] = peak[at], share[c] = peak[at + 1];
      y_x[c] = y[at], y_y[c] = y[at + 1];
      dy_x[c] = dy[at], dy_y[c] = dy[at + 1];
    }
    for (int i = 0; i < x.h; ++i)
      for (int j = 0; j < x.w; ++j) {
        const float* from = x.at(n, i, j) + first;
        float* to = dx.at(n, i, j) + first;
        const float right = grid.left + grid.step * static_cast<float>(j), low = grid.top + grid.step * static_cast<float>(i);
#pragma omp simd
        for (int c = 0; c < maps; ++c)
          to[c] = exponential(from[c] - largest[c]) * share[c] * ((right - y_x[c]) * dy_x[c] + (low - y_y[c]) * dy_y[c]);
      }
  });
}

}  // namespace lineament::LINEAMENT_LEVEL
