// The register tile: C[r][0 .. n) = start + sum over terms and k of A[r][k] B[k][0 .. n), for a few rows r.
// Rows of A are read where they lie, one broadcast float at a time; only B is packed, into panels (panels.h).
#pragma once
#include <algorithm>
#include <span>

#include "kernels/cpu/simd/partial_lanes.h"

namespace lineament::LINEAMENT_LEVEL {

/// Registers of B beside each other in the widest panel: 64 floats of AVX-512, 24 of AVX2.
inline constexpr int kTileVectors = kLanes == 16 ? 4 : 3;

/// Rows that fill the registers (32 of AVX-512, 16 else) beside `vectors` registers of B and one of A. No more than
/// 12: their addresses stay in registers too.
constexpr int tile_rows(int vectors) {
  constexpr int kAvx512[] = {0, 12, 12, 8, 6}, kElse[] = {0, 10, 6, 4};
  return kLanes == 16 ? kAvx512[vectors] : kElse[vectors];
}
inline constexpr int kMostTileRows = 12;

/// One term of the sum: element (r, k) of A is a[r][offset + k a_step], row k of B stands at b + k b_stride.
/// A pixel's channels under one tap are a term; where the tap falls into padding a[r] points to zeros.
struct TileTerm {
  const float* const* a;
  int64_t offset;
  const float* b;
  int64_t k;
  const float* const* next = nullptr;  // rows to fetch meanwhile, at the same offset; null: none
};

/// Where a tile goes: `columns` floats (V kLanes, or less in the last panel) of each row c[r].
struct TileOut {
  float* const* c;
  int64_t columns;
  bool add = false;              // onto what stands there
  bool stream = false;           // past the caches; columns are whole and c is aligned
  const float* start = nullptr;  // else the sum starts here: `columns` floats, a bias; null: zeros
};

/// R rows by V registers. The innermost loop of every product: R V multiply-adds for R + V loads. kFar: rows of B come
/// from far apart in memory, and are asked for two lines of k ahead.
template <int R, int V, bool kFar>
[[gnu::noinline]] void tile(std::span<const TileTerm> terms, int64_t a_step, int64_t b_stride,
                            const TileOut& out) {
  Lanes sum[R][V];
  const bool whole = out.columns >= V * kLanes;
  const int64_t last = out.columns - (V - 1) * kLanes;  // floats wanted of the last register
  auto load = [&](const float* row, int v) {
    return v < V - 1 || whole ? load_lanes(row + v * kLanes) : load_first(row + v * kLanes, last);
  };
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v)
      sum[r][v] = out.add ? load(out.c[r], v) : out.start ? load(out.start, v) : Lanes{};

  for (const TileTerm& term : terms) {
    const float* a[R];
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) a[r] = term.a[r] + term.offset;
    const float* b = term.b;
    int64_t at = 0;
    for (int64_t left = term.k; left > 0; left -= kLineFloats) {
      if (term.next)
#pragma GCC unroll 16
        for (int r = 0; r < R; ++r) __builtin_prefetch(term.next[r] + term.offset + at);
      if (kFar)
        for (int64_t k = 2 * kLineFloats; k < 3 * kLineFloats; ++k)
#pragma GCC unroll 8
          for (int v = 0; v < V; ++v) __builtin_prefetch(b + k * b_stride + v * kLanes, 0, 2);
      for (int64_t k = std::min(left, kLineFloats); k > 0; --k, at += a_step, b += b_stride) {
        Lanes right[V];
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) right[v] = load_lanes(b + v * kLanes);
#pragma GCC unroll 16
        for (int r = 0; r < R; ++r) {
          const Lanes pixel = broadcast(a[r][at]);
#pragma GCC unroll 8
          for (int v = 0; v < V; ++v) sum[r][v] += pixel * right[v];
        }
      }
    }
  }

#pragma GCC unroll 16
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v)
      if (out.stream)
        stream_lanes(out.c[r] + v * kLanes, sum[r][v]);
      else if (v < V - 1 || whole)
        store_lanes(out.c[r] + v * kLanes, sum[r][v]);
      else
        store_first(out.c[r] + v * kLanes, last, sum[r][v]);
}

/// tile<rows, V, kFar> for rows known only when running, 1 to tile_rows(V).
template <int V, bool kFar = false, int R = tile_rows(V)>
void tile_of(int rows, std::span<const TileTerm> terms, int64_t a_step, int64_t b_stride,
             const TileOut& out) {
  if constexpr (R > 1)
    if (rows < R) return tile_of<V, kFar, R - 1>(rows, terms, a_step, b_stride, out);
  tile<R, V, kFar>(terms, a_step, b_stride, out);
}

/// Calls f.template operator()<V>() for the V of 1 to kTileVectors that is asked for.
template <int V = kTileVectors, class F>
void with_vectors(int vectors, const F& f) {
  if constexpr (V > 1)
    if (vectors < V) return with_vectors<V - 1>(vectors, f);
  f.template operator()<V>();
}

}  // namespace lineament::LINEAMENT_LEVEL
