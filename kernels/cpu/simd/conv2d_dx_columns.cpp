// The data gradient of pictures with few channels: cols[p, (i,j,c)] = sum over o of dy[p,o] w[i,j,c,o] is one product as
// wide as the filter, and each row of its taps, side by side in dx too, is added where it falls.
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/simd/panels.h"
#include "kernels/cpu/simd/spatial.h"
#include "kernels/pixels.h"

namespace lineament::LINEAMENT_LEVEL {
namespace {

constexpr int64_t kMostChannels = 48;  // beyond that a pixel of dx alone keeps a tile busy
constexpr int64_t kColumnFloats =
    64 * 1024;               // of cols at once: with the dy that they come from they stay in L2
constexpr int kChunks = 16;  // wanted at least

/// Columns as wide as whole registers, rows of dy at once, and bands of rows of dx when there are few pictures.
struct Cut {
  Panels panels;
  int rows, bands;

  Cut(const Window& f, int64_t pictures, int64_t channels)
      : panels{f.taps() * channels},
        rows(static_cast<int>(std::clamp<int64_t>(kColumnFloats / (width() * f.ow), 1, f.oh))),
        bands(static_cast<int>(std::clamp<int64_t>(kChunks / pictures, 1, (f.h + 7) / 8))) {}
  int64_t width() const { return panels.vectors() * kLanes; }
  int64_t floats(const Window& f) const { return rows * f.ow * width(); }
};

/// to[0 .. count) += from[0 .. count)
inline void add_floats(float* to, const float* from, int64_t count) {
  for (; count >= kLanes; count -= kLanes, to += kLanes, from += kLanes)
    store_lanes(to, load_lanes(to) + load_lanes(from));
  if (count) store_first(to, count, load_first(to, count) + load_first(from, count));
}

/// Row i of the taps of a row of positions, onto a row of dx. Neighbours overlap, so they take turns: a sum that has
/// just been stored under another mask is slow to load.
void add_row(const Window& f, int64_t c, const float* columns, int64_t width, float* dx) {
  const int turns = (f.kw + f.stride - 1) / f.stride;
  for (int turn = 0; turn < turns; ++turn)
    for (int ow = turn; ow < f.ow; ow += turns) {
      const int left = ow * f.stride - f.left;
      const auto [j0, j1] = taps_inside(left, f.kw, f.w);
      if (j0 < j1) add_floats(dx + (left + j0) * c, columns + ow * width + j0 * c, (j1 - j0) * c);
    }
}

}  // namespace

bool conv2d_dx_columns_supports(std::span<const Desc> descs, const Params& params) {
  const Shape& w = descs[1].shape;
  return params.as<Window>().taps() > 1 && w[2] <= std::min(kMostChannels, w[3]);
}

size_t conv2d_dx_columns_workspace(std::span<const Desc> descs, const Params& params) {
  const auto& f = params.as<Window>();
  const Shape &dy = descs[0].shape, &w = descs[1].shape;
  const Cut cut(f, dy[0], w[2]);
  return (cut.panels.packed(w[3]) + max_threads() * cut.floats(f)) * sizeof(float);
}

void conv2d_dx_columns(const Call& call) {
  const auto& f = call.params.as<Window>();
  auto dy = pixels<float>(call.in[0]), dx = pixels<float>(call.out[0]);
  const float* w = call.in[1].as<float>();
  const Cut cut(f, dy.n, dx.c);
  float* packed = static_cast<float*>(call.workspace);
  float* scratch = packed + cut.panels.packed(dy.c);
  parallel_chunks(cut.panels.count(), [&](int64_t panel) {
    pack_columns(cut.panels, panel, w + cut.panels.first(panel) * dy.c, dy.c, dy.c,
                 packed + cut.panels.offset(panel, dy.c));
  });
  parallel_chunks(int64_t{dx.n} * cut.bands, [&](int64_t chunk) {
    const int n = static_cast<int>(chunk / cut.bands), band = static_cast<int>(chunk % cut.bands);
    const int first = dx.h * band / cut.bands, last = dx.h * (band + 1) / cut.bands;
    std::fill(dx.at(n, first, 0), dx.at(n, last, 0), 0.0f);
    const int oh0 = positions_over(first, f.top, f.kh, f.stride, f.oh).first;
    const int oh1 = positions_over(last - 1, f.top, f.kh, f.stride, f.oh).last;
    float* columns = scratch + thread_index() * cut.floats(f);
    for (int from = oh0; from < oh1; from += cut.rows) {
      const int to = std::min(oh1, from + cut.rows);
      multiply({.m = int64_t{to - from} * dy.w,
                .k = dy.c,
                .panels = {cut.width()},
                .a = dy.at(n, from, 0),
                .a_row = dy.c,
                .b = packed,
                .c = columns,
                .c_row = cut.width()});
      for (int oh = from; oh < to; ++oh)
        for (int i = 0; i < f.kh; ++i) {
          const int h = oh * f.stride - f.top + i;
          if (h < first || h >= last) continue;
          add_row(f, dx.c, columns + (oh - from) * f.ow * cut.width() + i * f.kw * dx.c, cut.width(),
                  dx.at(n, h, 0));
        }
    }
  });
}

}  // namespace lineament::LINEAMENT_LEVEL
