// 3x3 filters with stride 1 by Winograd's tiles (winograd.h): a product [tiles, c] x [c, o] for each point of a tile.
// The data gradient is the same convolution with the filter turned round and transposed.
#include "kernels/cpu/simd/winograd.h"

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/simd/epilogue.h"
#include "kernels/cpu/simd/panels.h"
#include "kernels/cpu/simd/spatial.h"
#include "kernels/pixels.h"

namespace lineament::LINEAMENT_LEVEL {
namespace {

// Transformed tiles that a chunk holds: in L2 (2 MB, 512 KB), so that the filter is read past as many tiles as can be.
constexpr int64_t kTileBytes = (kLanes == 16 ? 1024 : 384) * 1024;
constexpr int64_t kFilterRows = 32;  // of k that one chunk of the filter's transform takes

int64_t round_up_to(int64_t n, int64_t multiple) { return (n + multiple - 1) / multiple * multiple; }

/// y [n,h,w,o] from x [n,h,w,k] of tiles of M x M: how it is cut, and what it needs.
template <int M>
struct Tiling {
  static constexpr int kSide = M + 2, kPoints = kSide * kSide;
  int64_t k, x_row;  // channels of x, in whole registers
  Panels panels;     // over the channels of y
  int high, wide;    // tiles of a picture
  int64_t tiles, block;

  Tiling(const Shape& x, const Shape& y)
      : k(x[3]),
        x_row(round_up_to(k, kLanes)),
        panels{y[3]},
        high(static_cast<int>((y[1] + M - 1) / M)),
        wide(static_cast<int>((y[2] + M - 1) / M)),
        tiles(y[0] * high * wide),
        block(std::clamp<int64_t>(kTileBytes / (kPoints * x_row * 4) / 12 * 12, 24, 96)) {
    block = std::min(tiles, block);
  }
  // A line more than the data, else all points of a tile would fall into one set of the caches.
  int64_t x_point() const { return block * x_row + kLineFloats; }
  int64_t y_point() const { return block * kTileVectors * kLanes + kLineFloats; }
  int64_t multiplications() const { return tiles * kPoints; }
  Place place(int64_t tile) const { return place_of(tile, high, wide, M); }
  int64_t filter_floats() const { return kPoints * panels.packed(k); }
  int64_t thread_floats() const {
    return std::max(kPoints * (x_point() + y_point()), 9 * kFilterRows * kTileVectors * kLanes);
  }
  int64_t floats() const { return x_row + filter_floats() + max_threads() * thread_floats(); }
};

/// How the filter is read: as it lies, or for the data gradient.
enum class Filter { as_it_is, turned };

/// One panel of the filter, rows [k0, k0 + rows): its nine taps packed, then transformed. To [points][k][stride].
template <int M>
void transform_filter(const Tiling<M>& t, const float* w, Filter kind, int64_t panel, int64_t k0, float* taps,
                      float* to) {
  const int64_t rows = std::min(kFilterRows, t.k - k0), stride = t.panels.stride(panel), n = t.panels.n;
  const int64_t first = t.panels.first(panel), floats = rows * stride;
  for (int tap = 0; tap < 9; ++tap)
    if (kind == Filter::as_it_is)
      pack_rows(t.panels, panel, w + (tap * t.k + k0) * n + first, n, rows, taps + tap * floats);
    else
      pack_columns(t.panels, panel, w + ((8 - tap) * n + first) * t.k + k0, t.k, rows, taps + tap * floats);
  for (int64_t at = 0; at < floats; at += kLanes)
    transform(
        Winograd<M>::g, [&](int i, int j) { return load_lanes(taps + (i * 3 + j) * floats + at); },
        [&](int i, int j, const Lanes& value) {
          store_lanes(to + ((i * Tiling<M>::kSide + j) * t.k + k0) * stride + at, value);
        });
}

/// Out of line, so that what needs no finish keeps its registers.
[[gnu::noinline]] void store_finished(const Epilogue& epilogue, Lanes sum, float* y, int64_t o, int64_t i,
                                      int64_t count) {
  store_first(y + i, count, finished(epilogue, sum, o, i, count));
}

/// One tile of products [points][block][stride] to y's channels [first, first + columns).
template <int M>
void transform_back(const Tiling<M>& t, const float* from, int64_t first, int64_t columns,
                    const Epilogue& epilogue, const Pixels<float>& y, const Place& at) {
  const int64_t point = t.y_point();
  for (int64_t o = 0; o < columns; o += kLanes) {
    const int64_t count = std::min<int64_t>(kLanes, columns - o);
    const Lanes start = start_of(epilogue) ? load_first(start_of(epilogue) + first + o, count) : Lanes{};
    const auto pixels_to = [&](auto store) {
      transform(
          Winograd<M>::at,
          [&](int i, int j) { return load_lanes(from + (i * Tiling<M>::kSide + j) * point + o); },
          [&](int i, int j, const Lanes& value) {
            if (at.h + i >= y.h || at.w + j >= y.w) return;
            store(y.at(at.n, at.h + i, at.w + j) + first + o, value + start);
          });
    };
    if (epilogue.changes_sum())
      pixels_to([&](float* to, Lanes sum) {
        store_finished(epilogue, sum, y.data, first + o, to - y.data, count);
      });
    else if (count == kLanes)
      pixels_to([](float* to, Lanes sum) { store_lanes(to, sum); });
    else
      pixels_to([&](float* to, Lanes sum) { store_first(to, count, sum); });
  }
}

/// The whole filter. `scratch` holds thread_floats() for each thread.
template <int M>
void transform_all(const Tiling<M>& t, const float* w, Filter kind, float* scratch, float* to) {
  const int64_t row_blocks = (t.k + kFilterRows - 1) / kFilterRows;
  parallel_chunks(t.panels.count() * row_blocks, [&](int64_t chunk) {
    const int64_t panel = chunk / row_blocks;
    transform_filter(t, w, kind, panel, chunk % row_blocks * kFilterRows,
                     scratch + thread_index() * t.thread_floats(),
                     to + Tiling<M>::kPoints * t.panels.offset(panel, t.k));
  });
}

template <int M>
void convolve(const Call& call, Filter kind, int top, int left, const Epilogue& epilogue) {
  constexpr int kPoints = Tiling<M>::kPoints;
  auto x = pixels<float>(call.in[0]), y = pixels<float>(call.out[0]);
  const Tiling<M> t(call.in[0].shape(), call.out[0].shape());
  float* zeros = static_cast<float*>(call.workspace);
  float *packed_now = zeros + t.x_row, *scratch = packed_now + t.filter_floats();
  std::fill_n(zeros, t.x_row, 0.0f);
  const auto* filter = static_cast<const float*>(call.packed);
  if (!filter) {
    transform_all(t, call.in[1].as<float>(), kind, scratch, packed_now);
    filter = packed_now;
  }
  parallel_ranges(t.tiles, t.block, [&](int64_t first, int64_t last) {
    float* points = scratch + thread_index() * t.thread_floats();
    float* products = points + kPoints * t.x_point();
    for (int64_t tile = first; tile < last; ++tile) {
      const Place at = t.place(tile);
      transform_pixels(Winograd<M>::bt, x, {at.n, at.h - top, at.w - left}, 0, t.k, zeros,
                       points + (tile - first) * t.x_row, t.x_point());
    }
    for (int64_t panel = 0; panel < t.panels.count(); ++panel) {
      const int64_t stride = t.panels.stride(panel);
      for (int point = 0; point < kPoints; ++point)
        multiply({.m = last - first,
                  .k = t.k,
                  .panels = {stride},
                  .a = points + point * t.x_point(),
                  .a_row = t.x_row,
                  .b = filter + kPoints * t.panels.offset(panel, t.k) + point * t.k * stride,
                  .c = products + point * t.y_point(),
                  .c_row = stride});
      for (int64_t tile = first; tile < last; ++tile)
        transform_back(t, products + (tile - first) * stride, t.panels.first(panel), t.panels.columns(panel),
                       epilogue, y, t.place(tile));
    }
  });
}

template <int M>
void forward(const Call& call) {
  const auto& f = call.params.as<Window>();
  convolve<M>(call, Filter::as_it_is, f.top, f.left, finish_of<float>(call));
}

template <int M>
void pack(const Call& call, float* to) {
  const Tiling<M> t(call.in[0].shape(), call.out[0].shape());
  float* scratch = static_cast<float*>(call.workspace) + t.x_row + t.filter_floats();
  transform_all(t, call.in[1].as<float>(), Filter::as_it_is, scratch, to);
}

template <int M>
void backward(const Call& call) {
  const auto& f = call.params.as<Window>();
  convolve<M>(call, Filter::turned, 2 - f.top, 2 - f.left, {});
}

template <int M>
Tiling<M> tiling(std::span<const Desc> descs) {
  return {descs[0].shape, descs.back().shape};
}

template <int M>
size_t workspace(std::span<const Desc> descs) {
  return tiling<M>(descs).floats() * sizeof(float);
}

/// The side of the tiles that cost fewer multiplications: 4, unless they hang too far over the edge of the picture.
int side(std::span<const Desc> descs) {
  return tiling<4>(descs).multiplications() <= tiling<3>(descs).multiplications() ? 4 : 3;
}

/// Against the direct kernel: tiles enough to pay for the filter's transform (measured at 64 to 512 channels), and
/// channels enough to pay for the pixels'.
bool pays(std::span<const Desc> descs, const Window& f) {
  const int64_t c = descs[1].shape[2], o = descs[1].shape[3];
  return f.kh == 3 && f.kw == 3 && f.stride == 1 && std::min(c, o) >= 16 &&
         tiling<3>(descs).tiles * 512 >= c * o;
}

}  // namespace

bool conv2d_winograd_4x4_supports(std::span<const Desc> descs, const Params& params) {
  return pays(descs, params.as<Window>()) && side(descs) == 4;
}
bool conv2d_winograd_3x3_supports(std::span<const Desc> descs, const Params& params) {
  return pays(descs, params.as<Window>()) && side(descs) == 3;
}
size_t conv2d_winograd_4x4_workspace(std::span<const Desc> descs, const Params&) {
  return workspace<4>(descs);
}
size_t conv2d_winograd_3x3_workspace(std::span<const Desc> descs, const Params&) {
  return workspace<3>(descs);
}
size_t conv2d_winograd_4x4_packed(std::span<const Desc> descs, const Params&) {
  return tiling<4>(descs).filter_floats() * sizeof(float);
}
size_t conv2d_winograd_3x3_packed(std::span<const Desc> descs, const Params&) {
  return tiling<3>(descs).filter_floats() * sizeof(float);
}
void conv2d_winograd_4x4_pack(const Call& call, void* to) { pack<4>(call, static_cast<float*>(to)); }
void conv2d_winograd_3x3_pack(const Call& call, void* to) { pack<3>(call, static_cast<float*>(to)); }
void conv2d_winograd_4x4(const Call& call) { forward<4>(call); }
void conv2d_winograd_3x3(const Call& call) { forward<3>(call); }
void conv2d_dx_winograd_4x4(const Call& call) { backward<4>(call); }
void conv2d_dx_winograd_3x3(const Call& call) { backward<3>(call); }

}  // namespace lineament::LINEAMENT_LEVEL
