// y = A^T [(G w G^T) * (B^T x B)] A: a 3x3 filter over a tile of M x M outputs for (M + 2)^2 multiplications instead
// of 9 M^2 (Winograd; Lavin & Gray, arXiv:1509.09308). Columns of A are powers of infinity and of a few points, which
// decide the rounding: 0, 1/2, -1, 3/2 for M = 3 and 0, 3/4, -3/4, 3/2, -3/2 for M = 4 have half the error of whole
// numbers, 1.1e-6 and 1.5e-6 of the norm at 256 channels.
#pragma once
#include "kernels/cpu/simd/partial_lanes.h"
#include "kernels/pixels.h"

namespace lineament::LINEAMENT_LEVEL {

/// The three matrices for tiles of M outputs a side.
template <int M>
struct Winograd;

template <>
struct Winograd<3> {
  static constexpr float bt[5][5] = {{3 / 4.f, -5 / 4.f, -1, 1, 0},
                                     {0, -3 / 2.f, -1 / 2.f, 1, 0},
                                     {0, 3 / 4.f, -2, 1, 0},
                                     {0, -1 / 2.f, 1 / 2.f, 1, 0},
                                     {0, 3 / 4.f, -5 / 4.f, -1, 1}};
  static constexpr float g[5][3] = {{4 / 3.f, 0, 0},
                                    {-4 / 3.f, -2 / 3.f, -1 / 3.f},
                                    {-4 / 15.f, 4 / 15.f, -4 / 15.f},
                                    {4 / 15.f, 2 / 5.f, 3 / 5.f},
                                    {0, 0, 1}};
  static constexpr float at[3][5] = {
      {1, 1, 1, 1, 0}, {0, 1 / 2.f, -1, 3 / 2.f, 0}, {0, 1 / 4.f, 1, 9 / 4.f, 1}};
};

template <>
struct Winograd<4> {
  static constexpr float bt[6][6] = {
      {81 / 64.f, 0, -45 / 16.f, 0, 1, 0},       {0, -27 / 16.f, -9 / 4.f, 3 / 4.f, 1, 0},
      {0, 27 / 16.f, -9 / 4.f, -3 / 4.f, 1, 0},  {0, -27 / 32.f, -9 / 16.f, 3 / 2.f, 1, 0},
      {0, 27 / 32.f, -9 / 16.f, -3 / 2.f, 1, 0}, {0, 81 / 64.f, 0, -45 / 16.f, 0, 1}};
  static constexpr float g[6][3] = {{64 / 81.f, 0, 0},
                                    {-128 / 243.f, -32 / 81.f, -8 / 27.f},
                                    {-128 / 243.f, 32 / 81.f, -8 / 27.f},
                                    {32 / 243.f, 16 / 81.f, 8 / 27.f},
                                    {32 / 243.f, -16 / 81.f, 8 / 27.f},
                                    {0, 0, 1}};
  static constexpr float at[4][6] = {{1, 1, 1, 1, 1, 0},
                                     {0, 3 / 4.f, -3 / 4.f, 3 / 2.f, -3 / 2.f, 0},
                                     {0, 9 / 16.f, 9 / 16.f, 9 / 4.f, 9 / 4.f, 0},
                                     {0, 27 / 64.f, -27 / 64.f, 27 / 8.f, -27 / 8.f, 1}};
};

/// sum over k of row[k] in(k), the zeros of the row left out.
template <int K, class In>
inline Lanes weigh(const float (&row)[K], const In& in) {
  Lanes sum{};
  bool first = true;
#pragma GCC unroll 8
  for (int k = 0; k < K; ++k)
    if (row[k] != 0) {
      sum = first ? row[k] * in(k) : sum + row[k] * in(k);
      first = false;
    }
  return sum;
}

/// m d m^T, where d(i, j) [K, K] is read and to(i, j, value) [R, R] written, one register of channels each.
template <int R, int K, class In, class Out>
[[gnu::always_inline]] inline void transform(const float (&m)[R][K], const In& d, const Out& to) {
  Lanes half[R][K];
#pragma GCC unroll 8
  for (int j = 0; j < K; ++j) {
    Lanes column[K];
#pragma GCC unroll 8
    for (int k = 0; k < K; ++k) column[k] = d(k, j);
#pragma GCC unroll 8
    for (int i = 0; i < R; ++i) half[i][j] = weigh(m[i], [&](int k) { return column[k]; });
  }
#pragma GCC unroll 8
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 8
    for (int j = 0; j < R; ++j) to(i, j, weigh(m[j], [&](int k) { return half[i][k]; }));
}

/// A matrix the other way round: the gradient's side of a transform.
template <int R, int K>
struct Matrix {
  float row[R][K];
};
template <int R, int K>
constexpr Matrix<K, R> transposed(const float (&m)[R][K]) {
  Matrix<K, R> t{};
  for (int r = 0; r < R; ++r)
    for (int k = 0; k < K; ++k) t.row[k][r] = m[r][k];
  return t;
}

/// A pixel of a picture.
struct Place {
  int n, h, w;
};

/// Tile `tile` of pictures that are cut into high x wide of them, M apart: its first pixel.
inline Place place_of(int64_t tile, int high, int wide, int m) {
  return {static_cast<int>(tile / (high * wide)), static_cast<int>(tile / wide % high) * m,
          static_cast<int>(tile % wide) * m};
}

/// The K x K pixels from `at` on, channels [first, first + channels), transformed to [R R points][channels], points
/// `point` floats apart, whole registers. Pixels outside the picture read `zeros`, as many.
/// In line: the matrix must be known, its zeros above all.
template <int R, int K>
[[gnu::always_inline]] inline void transform_pixels(const float (&m)[R][K], const Pixels<float>& x,
                                                    const Place& at, int64_t first, int64_t channels,
                                                    const float* zeros, float* to, int64_t point) {
  const float* from[K][K];
  for (int i = 0; i < K; ++i)
    for (int j = 0; j < K; ++j) {
      const int h = at.h + i, w = at.w + j;
      from[i][j] = h < 0 || h >= x.h || w < 0 || w >= x.w ? zeros : x.at(at.n, h, w) + first;
    }
  auto store = [&](int64_t c) {
    return [=](int i, int j, const Lanes& value) { store_lanes(to + (i * R + j) * point + c, value); };
  };
  int64_t c = 0;
  for (; c + kLanes <= channels; c += kLanes)
    transform(
        m, [&](int i, int j) { return load_lanes(from[i][j] + c); }, store(c));
  if (c < channels)
    transform(
        m, [&](int i, int j) { return load_first(from[i][j] + c, channels - c); }, store(c));
}

}  // namespace lineament::LINEAMENT_LEVEL
