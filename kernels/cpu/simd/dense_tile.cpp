// Dense layers as tiles: y = x w, dx = dy w^T, dw = x^T dy. Large ones wait for memory: each weight is read once.
#include "kernels/cpu/partial_sums.h"
#include "kernels/cpu/simd/panels.h"
#include "kernels/cpu/simd/spatial.h"

namespace lineament::LINEAMENT_LEVEL {
namespace {

constexpr int64_t kBlockK = 256;            // rows of w that one pass of all rows of x takes
constexpr int64_t kPartK = 1024;            // a sum longer than this goes to threads in parts
constexpr int64_t kBlockI = 256;            // inputs in a chunk of dx or dw

struct Sizes {
  int64_t rows, inner, columns;  // x [rows, inner], w [inner, columns]

  Panels panels() const { return {columns}; }
  int64_t parts() const { return std::clamp<int64_t>(inner / kPartK, 1, kParts); }
  bool packs() const { return columns % kLanes != 0; }
};

/// Of the op's inputs (x or dy, w or dy) and its output.
Sizes sizes_of(const Shape& x, const Shape& w) { return {x[0], w[0], w[1]}; }

bool streams(const float* out, int64_t row, int64_t count) {
  return count * int64_t{sizeof(float)} >= kStreamBytes && row % kLineFloats == 0 &&
         reinterpret_cast<uintptr_t>(out) % 64 == 0;
}

}  // namespace

size_t dense_tile_workspace(std::span<const Desc> descs, const Params&) {
  const Sizes s = sizes_of(descs[0].shape, descs[1].shape);
  const int64_t sums = s.parts() > 1 ? s.parts() * s.rows * s.columns : 0;
  const int64_t packed = s.packs() ? max_threads() * s.panels().packed(kBlockK) : 0;
  return (sums + packed) * sizeof(float);
}

void dense_tile(const Call& call) {
  const Sizes s = sizes_of(call.in[0].shape(), call.in[1].shape());
  const float *x = call.in[0].as<float>(), *w = call.in[1].as<float>();
  const float* bias = call.in.size() > 2 ? call.in[2].as<float>() : nullptr;
  float* y = call.out[0].as<float>();
  const int64_t parts = s.parts(), outputs = s.rows * s.columns;
  float* sums = parts > 1 ? static_cast<float*>(call.workspace) : y;
  float* packed = static_cast<float*>(call.workspace) + (parts > 1 ? parts * outputs : 0);
  const Panels panels = s.panels();
  parallel_chunks(parts, [&](int64_t part) {
    const int64_t end = part_begin(s.inner, part + 1, parts);
    for (int64_t from = part_begin(s.inner, part, parts), k; from < end; from += k) {
      k = std::min(kBlockK, end - from);
      const float* b = w + from * s.columns;
      if (s.packs()) {
        float* mine = packed + thread_index() * panels.packed(kBlockK);
        for (int64_t p = 0; p < panels.count(); ++p)
          pack_rows(panels, p, b + panels.first(p), s.columns, k, mine + panels.offset(p, k));
        b = mine;
      }
      const bool first = from == part_begin(s.inner, part, parts);
      multiply({.m = s.rows,
                .k = k,
                .panels = panels,
                .a = x + from,
                .a_row = s.inner,
                .b = b,
                .b_stride = s.packs() ? 0 : s.columns,
                .c = sums + part * outputs,
                .c_row = s.columns,
                .add = !first,
                .start = parts > 1 ? nullptr : bias});
    }
  });
  if (parts > 1) add_parts(sums, outputs, y, parts, bias, s.columns);
}

size_t dense_dx_tile_workspace(std::span<const Desc> descs, const Params&) {
  return max_threads() * Panels{kBlockI}.packed(descs[1].shape[1]) * sizeof(float);
}

// Columns of dx are rows of w: a chunk turns over kBlockI of them.
void dense_dx_tile(const Call& call) {
  const Sizes s = sizes_of(call.out[0].shape(), call.in[1].shape());
  const float *dy = call.in[0].as<float>(), *w = call.in[1].as<float>();
  float* dx = call.out[0].as<float>();
  const bool stream = streams(dx, s.inner, s.rows * s.inner);
  parallel_ranges(s.inner, kBlockI, [&](int64_t first, int64_t last) {
    const Panels panels{last - first};
    float* packed = static_cast<float*>(call.workspace) + thread_index() * Panels{kBlockI}.packed(s.columns);
    for (int64_t p = 0; p < panels.count(); ++p)
      pack_columns(panels, p, w + (first + panels.first(p)) * s.columns, s.columns, s.columns,
                   packed + panels.offset(p, s.columns));
    multiply({.m = s.rows,
              .k = s.columns,
              .panels = panels,
              .a = dy,
              .a_row = s.columns,
              .b = packed,
              .c = dx + first,
              .c_row = s.inner,
              .stream = stream && (last - first) % kLineFloats == 0});
    if (stream) stream_fence();
  });
}

size_t dense_dw_tile_workspace(std::span<const Desc> descs, const Params&) {
  const int64_t rows = descs[0].shape[0];
  return (Panels{descs[1].shape[1]}.packed(rows) + max_threads() * rows * kBlockI) * sizeof(float);
}

// Rows of dw are columns of x: a chunk copies kBlockI of them side by side, as they lie pages apart.
void dense_dw_tile(const Call& call) {
  const Sizes s = sizes_of(call.in[0].shape(), call.out[0].shape());
  const float *x = call.in[0].as<float>(), *dy = call.in[1].as<float>();
  float *dw = call.out[0].as<float>(), *packed = static_cast<float*>(call.workspace);
  const Panels panels = s.panels();
  const bool stream = streams(dw, s.columns, s.inner * s.columns);
  for (int64_t p = 0; p < panels.count(); ++p)
    pack_rows(panels, p, dy + panels.first(p), s.columns, s.rows, packed + panels.offset(p, s.rows));
  parallel_ranges(s.inner, kBlockI, [&](int64_t first, int64_t last) {
    float* mine = packed + panels.packed(s.rows) + thread_index() * s.rows * kBlockI;
    for (int64_t n = 0; n < s.rows; ++n)
      std::copy(x + n * s.inner + first, x + n * s.inner + last, mine + n * kBlockI);
    multiply({.m = last - first,
              .k = s.rows,
              .panels = panels,
              .a = mine,
              .a_row = 1,
              .a_step = kBlockI,
              .b = packed,
              .c = dw + first * s.columns,
              .c_row = s.columns,
              .stream = stream});
    if (stream) stream_fence();
  });
}

}  // namespace lineament::LINEAMENT_LEVEL
