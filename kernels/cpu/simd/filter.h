// The filter of a convolution as the panels of its tap sums: packed into the workspace once a call, on all threads.
#pragma once
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/simd/tap_sums.h"

namespace lineament::LINEAMENT_LEVEL {

/// HWIO lies in the order of panels: it is read in place when it is one, or when so few rows pass by that packing it
/// would take as long as they do. Registers must be whole.
inline bool reads_in_place(const Shape& w, int64_t rows) {
  return w[3] % kLanes == 0 && (Panels{w[3]}.count() == 1 || rows <= 8 * kMostTileRows);
}

/// Floats that use_filter() writes, for sums of `rows` rows.
inline int64_t filter_floats(const Shape& w, int64_t rows) {
  return reads_in_place(w, rows) ? 0 : Panels{w[3]}.packed(w[0] * w[1] * w[2]);
}

/// Floats that one thread packs before others are awake.
inline constexpr int64_t kFewFloats = 16 * 1024;

/// w [kh,kw,c,o] as panels, s.k() rows of them.
inline void pack_filter(const TapSums& s, const View& w, float* packed) {
  const float* from = w.as<float>();
  parallel_chunks(
      s.panels.count() * s.taps,
      [&](int64_t chunk) {
        const int64_t panel = chunk / s.taps, k = chunk % s.taps * s.channels;
        pack_rows(s.panels, panel, from + k * s.panels.n + s.panels.first(panel), s.panels.n, s.channels,
                  packed + s.panels.offset(panel, s.k()) + k * s.panels.stride(panel));
      },
      s.panels.packed(s.k()) > kFewFloats);
}

/// Sets the sums' B to w [kh,kw,c,o]: `kept` panels where somebody keeps them, else w in place or packed now.
inline void use_filter(TapSums& s, const View& w, int64_t rows, const void* kept, float* packed) {
  s.b = kept ? static_cast<const float*>(kept) : packed;
  if (kept) return;
  if (reads_in_place(w.shape(), rows)) {
    s.b = w.as<float>();
    s.b_stride = w.shape()[3];
  } else {
    pack_filter(s, w, packed);
  }
}

/// Floats that use_filter_transposed() writes.
inline int64_t transposed_floats(const Shape& w) { return Panels{w[2]}.packed(w[0] * w[1] * w[3]); }

/// Sets the sums' B to w [kh,kw,c,o] with its last axes exchanged: o is summed over.
inline void use_filter_transposed(TapSums& s, const View& w, float* packed) {
  const float* from = w.as<float>();
  s.b = packed;
  parallel_chunks(
      s.panels.count() * s.taps,
      [&](int64_t chunk) {
        const int64_t panel = chunk / s.taps, k = chunk % s.taps * s.channels;
        pack_columns(s.panels, panel, from + k * s.panels.n + s.panels.first(panel) * s.channels, s.channels,
                     s.channels, packed + s.panels.offset(panel, s.k()) + k * s.panels.stride(panel));
      },
      s.panels.packed(s.k()) > kFewFloats);
}

}  // namespace lineament::LINEAMENT_LEVEL
