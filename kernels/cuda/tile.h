// C[m,n] = sum over k of A(m,k) B(k,n) by blocks of 64 x 64, whatever A and B are made of: convolutions and dense layers as one
// product, where no library has them.
#pragma once
#include <algorithm>

#include "kernels/cuda/floats.h"

namespace lineament {

inline constexpr int kTileSide = 64, kTileDepth = 16, kThreadSide = 4;  // 256 threads of 4 x 4 sums

/// Rows, columns, depth, and how k is cut: slice z has [z depth_slice, ...).
struct TileShape {
  int64_t m, n, k;
  int64_t slice;  // of k, a whole number of depths

  TileShape(int64_t m_, int64_t n_, int64_t k_, int64_t slices = 1) : m(m_), n(n_), k(k_) {
    const int64_t depths = (k + kTileDepth - 1) / kTileDepth;
    slice = (depths + slices - 1) / slices * kTileDepth;
  }
  int64_t tiles() const { return int64_t{blocks_for(m, kTileSide)} * blocks_for(n, kTileSide); }
  unsigned slices() const { return blocks_for(k, slice); }
};

/// A: `Row row(m)` once a row, `Column column(k)` once a column, float at(row, column). B: float at(k, n). Reading order: kAlongK
/// where A's neighbours in memory are neighbours in k. C: put(slice, m, n, sum).
template <class A, class B, class C>
__global__ void tile_kernel(A a, B b, C c, TileShape shape) {
  after_previous_kernel();
  __shared__ float left[kTileDepth][kTileSide + 1], right[kTileDepth][kTileSide];
  constexpr int kLoads = kTileSide * kTileDepth / kBlockThreads;
  const int thread = static_cast<int>(threadIdx.x);
  const int64_t m0 = int64_t{blockIdx.x} * kTileSide, n0 = int64_t{blockIdx.y} * kTileSide;
  const int64_t k_begin = int64_t{blockIdx.z} * shape.slice;
  const int64_t k_end = k_begin + shape.slice < shape.k ? k_begin + shape.slice : shape.k;
  // Of A a thread loads four of one column, or of one row; of B four of one column.
  constexpr int kStep = A::kAlongK ? kBlockThreads / kTileDepth : kBlockThreads / kTileSide;
  const int am = A::kAlongK ? thread / kTileDepth : thread % kTileSide;
  const int ak = A::kAlongK ? thread % kTileDepth : thread / kTileSide;
  typename A::Row rows[A::kAlongK ? kLoads : 1];
  for (int r = 0; r < (A::kAlongK ? kLoads : 1); ++r)
    if (const int64_t m = m0 + am + r * kStep; m < shape.m) rows[r] = a.row(m);
  const int bn = thread % kTileSide, bk = thread / kTileSide;
  const int tx = thread % (kTileSide / kThreadSide), ty = thread / (kTileSide / kThreadSide);

  float sum[kThreadSide][kThreadSide] = {};
  for (int64_t k0 = k_begin; k0 < k_end; k0 += kTileDepth) {
    for (int r = 0; r < kLoads; ++r) {
      const int im = A::kAlongK ? am + r * kStep : am, ik = A::kAlongK ? ak : ak + r * kStep;
      const bool there = m0 + im < shape.m && k0 + ik < k_end;
      left[ik][im] = there ? a.at(rows[A::kAlongK ? r : 0], a.column(k0 + ik)) : 0.0f;
      const int jk = bk + r * (kBlockThreads / kTileSide);
      right[jk][bn] = n0 + bn < shape.n && k0 + jk < k_end ? b.at(k0 + jk, n0 + bn) : 0.0f;
    }
    __syncthreads();
    for (int k = 0; k < kTileDepth; ++k) {
      float x[kThreadSide], y[kThreadSide];
      for (int i = 0; i < kThreadSide; ++i) {
        x[i] = left[k][ty * kThreadSide + i];
        y[i] = right[k][tx * kThreadSide + i];
      }
      for (int i = 0; i < kThreadSide; ++i)
        for (int j = 0; j < kThreadSide; ++j) sum[i][j] += x[i] * y[j];
    }
    __syncthreads();
  }
  for (int i = 0; i < kThreadSide; ++i)
    for (int j = 0; j < kThreadSide; ++j) {
      const int64_t m = m0 + ty * kThreadSide + i, n = n0 + tx * kThreadSide + j;
      if (m < shape.m && n < shape.n) c.put(blockIdx.z, m, n, sum[i][j]);
    }
}

template <class A, class B, class C>
void multiply_tiles(const Call& call, const TileShape& shape, A a, B b, C c) {
  const dim3 blocks(blocks_for(shape.m, kTileSide), blocks_for(shape.n, kTileSide), shape.slices());
  launch(tile_kernel<A, B, C>, blocks, kBlockThreads, call, a, b, c, shape);
}

/// Sums of slices on their way to an output of f32: partial [slices, m, n].
struct Partial {
  float* data;
  int64_t m, n;
  __device__ void put(unsigned slice, int64_t row, int64_t column, float sum) const {
    data[(slice * m + row) * n + column] = sum;
  }
};

/// Slices of k that fill the card where m and n alone do not.
inline TileShape sliced(int64_t m, int64_t n, int64_t k) {
  constexpr int64_t kWanted = 512, kLeastDepth = 512;
  const int64_t tiles = TileShape(m, n, k).tiles();
  return {m, n, k, std::clamp<int64_t>(kWanted / tiles, 1, std::max<int64_t>(1, k / kLeastDepth))};
}
inline size_t sliced_bytes(int64_t m, int64_t n, int64_t k) {
  return static_cast<size_t>(sliced(m, n, k).slices() * m * n) * sizeof(float);
}
}  // namespace lineament
