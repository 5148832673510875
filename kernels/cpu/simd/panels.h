// B[k,n] packed for tiles: panels of 1 to kTileVectors registers of columns, each [k][its columns], zeros past n.
#pragma once
#include "kernels/cpu/simd/tile.h"
#include "kernels/cpu/simd/transpose.h"

namespace lineament::LINEAMENT_LEVEL {

/// How n columns are cut into panels, as even as they go: 5 registers are 3 and 2, not 4 and 1. Where a register is
/// half a cache line they go in pairs, so that a panel is whole lines; the odd one makes a panel of three.
struct Panels {
  int64_t n;

  int64_t vectors() const { return (n + kLanes - 1) / kLanes; }
  int64_t count() const {
    return kLanes == 16 ? (vectors() + kTileVectors - 1) / kTileVectors : std::max<int64_t>(1, vectors() / 2);
  }
  int vectors(int64_t panel) const { return static_cast<int>(first_vector(panel + 1) - first_vector(panel)); }
  /// Its first column, and how many of its columns B has.
  int64_t first(int64_t panel) const { return first_vector(panel) * kLanes; }
  int64_t columns(int64_t panel) const { return std::min(n, first(panel + 1)) - first(panel); }
  /// Floats from one row of k to the next, in the packed panel.
  int64_t stride(int64_t panel) const { return int64_t{vectors(panel)} * kLanes; }
  /// Where a panel begins in the packed matrix of k rows, and how many floats that matrix has.
  int64_t offset(int64_t panel, int64_t k) const { return first(panel) * k; }
  int64_t packed(int64_t k) const { return vectors() * kLanes * k; }

 private:
  int64_t first_vector(int64_t panel) const { return vectors() * panel / count(); }
};

/// Rows [k0, k1) of one panel: to = the packed panel's row k0, from = B at (k0, the panel's first column), row-major.
inline void pack_rows(const Panels& panels, int64_t panel, const float* from, int64_t from_stride,
                      int64_t rows, float* to) {
  const int64_t columns = panels.columns(panel), stride = panels.stride(panel);
  for (int64_t k = 0; k < rows; ++k, from += from_stride, to += stride)
    for (int64_t i = 0; i < stride; i += kLanes)
      store_lanes(to + i, columns - i >= kLanes ? load_lanes(from + i)
                                                : load_first(from + i, std::max<int64_t>(0, columns - i)));
}

/// The same of a matrix stored the other way round: B(k, j) stands at from[j from_stride + k].
inline void pack_columns(const Panels& panels, int64_t panel, const float* from, int64_t from_stride,
                         int64_t rows, float* to) {
  const int64_t columns = panels.columns(panel), stride = panels.stride(panel);
  for (int64_t k = 0; k < rows; k += kLanes)
    for (int64_t i = 0; i < stride; i += kLanes)
      transpose({from + i * from_stride + k, from_stride}, std::clamp<int64_t>(columns - i, 0, kLanes),
                std::min<int64_t>(rows - k, kLanes), to + k * stride + i, stride);
}

/// C[m,n] (+)= A[m,k] B[k,n] on the calling thread, k at once: A(r, i) stands at a[r a_row + i a_step]. Callers block
/// k: of 256 rows a panel of B stays in L1 or L2.
struct Product {
  int64_t m, k;
  Panels panels;
  const float* a;
  int64_t a_row, a_step = 1;
  const float* b;        // packed, or as it lies when rows are whole registers
  int64_t b_stride = 0;  // 0: packed
  float* c;
  int64_t c_row;
  bool add = false;
  bool stream = false;           // as TileOut's
  const float* start = nullptr;  // [n]
};

template <int V>
void multiply_panel(const Product& p, int64_t panel) {
  constexpr int kRows = tile_rows(V);
  const int64_t column = p.panels.first(panel);
  const float* start = p.start ? p.start + column : nullptr;
  const float *a_rows[kRows], *next_rows[kRows];
  float* c_rows[kRows];
  TileTerm term{a_rows, 0, p.b_stride ? p.b + column : p.b + p.panels.offset(panel, p.k), p.k};
  for (int64_t row = 0; row < p.m; row += kRows) {
    const int rows = static_cast<int>(std::min<int64_t>(kRows, p.m - row));
    for (int r = 0; r < rows; ++r) {
      a_rows[r] = p.a + (row + r) * p.a_row;
      next_rows[r] = a_rows[r] + kRows * p.a_row;
      c_rows[r] = p.c + (row + r) * p.c_row + column;
    }
    term.next = panel == 0 && p.a_step == 1 && row + 2 * kRows <= p.m ? next_rows : nullptr;
    tile_of<V>(rows, {&term, 1}, p.a_step, p.b_stride ? p.b_stride : V * kLanes,
               {c_rows, p.panels.columns(panel), p.add, p.stream, start});
  }
}

inline void multiply(const Product& p) {
  for (int64_t panel = 0; panel < p.panels.count(); ++panel)
    with_vectors(p.panels.vectors(panel), [&]<int V>() { multiply_panel<V>(p, panel); });
}

}  // namespace lineament::LINEAMENT_LEVEL
