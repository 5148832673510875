// The weight gradient of 3x3 filters with stride 1 by Winograd's tiles, winograd.h read backwards:
// dw = G^T [sum over tiles of (B^T x B) * (A dy A^T)] G, a product [c, tiles] x [tiles, o] for each point of a tile.
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/partial_sums.h"
#include "kernels/cpu/simd/panels.h"
#include "kernels/cpu/simd/spatial.h"
#include "kernels/cpu/simd/winograd.h"
#include "kernels/padding.h"

namespace lineament::LINEAMENT_LEVEL {
namespace {

// Both in L2: the sums of one chunk, and the transformed tiles that are added to them at once.
constexpr int64_t kSumFloats = (kLanes == 16 ? 208 : 64) * 1024,
                  kTileFloats = (kLanes == 16 ? 208 : 40) * 1024;
constexpr int64_t kChunks = 8;         // wanted, for threads to share
constexpr int64_t kTilesOfPart = 128;  // at least: a part's sums are transformed back and added up

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// An axis in equal blocks of whole registers, of `most` or less.
struct Blocks {
  int64_t total, count, size;

  Blocks(int64_t n, int64_t most)
      : total(n), count(ceil_div(n, most)), size(ceil_div(ceil_div(n, count), kLanes) * kLanes) {}
  int64_t first(int64_t block) const { return block * size; }
  int64_t width(int64_t block) const { return std::min(size, total - first(block)); }
};

/// The sums dU [points, c, o] in chunks: a block of c, a block of o, a part of the tiles.
template <int M>
struct Cut {
  static constexpr int kSide = M + 2, kPoints = kSide * kSide;
  int high, wide;  // tiles of a picture
  int64_t tiles;
  Blocks o, c;
  int64_t parts, block;  // block: tiles transformed at once

  Cut(const Shape& x, const Shape& dy)
      : high(static_cast<int>(ceil_div(dy[1], M))),
        wide(static_cast<int>(ceil_div(dy[2], M))),
        tiles(dy[0] * high * wide),
        o(dy[3], kTileVectors * kLanes),
        c(x[3], kSumFloats / kPoints / o.size / kLanes * kLanes),
        parts(std::clamp<int64_t>(kChunks / (c.count * o.count), 1, ceil_div(tiles, kTilesOfPart))),
        block(std::min(ceil_div(tiles, parts),
                       std::clamp<int64_t>(kTileFloats / kPoints / (c.size + o.size), 24, 96))) {}

  // A line more than the data, else all points would fall into one set of the caches.
  int64_t x_point() const { return block * c.size + kLineFloats; }
  int64_t dy_point() const { return block * o.size + kLineFloats; }
  int64_t sum_point() const { return c.size * o.size + kLineFloats; }
  int64_t zeros() const { return std::max(c.size, o.size); }
  int64_t thread_floats() const { return zeros() + kPoints * (x_point() + dy_point() + sum_point()); }
  int64_t multiplications() const { return tiles * kPoints; }
};

/// dw, rows [c0, c0 + channels), columns [o0, o0 + outs), from their sums.
template <int M>
void transform_back(const Cut<M>& cut, const float* sums, int64_t channels, int64_t outs, float* dw,
                    int64_t dw_tap, int64_t dw_row) {
  static constexpr auto gt = transposed(Winograd<M>::g);
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t o = 0; o < outs; o += kLanes) {
      const int64_t count = std::min<int64_t>(kLanes, outs - o);
      transform(
          gt.row,
          [&](int i, int j) {
            return load_lanes(sums + (i * Cut<M>::kSide + j) * cut.sum_point() + c * cut.o.size + o);
          },
          [&](int i, int j, const Lanes& value) {
            store_first(dw + (i * 3 + j) * dw_tap + c * dw_row + o, count, value);
          });
    }
}

template <int M>
void sum(const Call& call) {
  static constexpr auto a = transposed(Winograd<M>::at);
  const auto& f = call.params.as<Window>();
  const auto x = pixels<float>(call.in[0]), dy = pixels<float>(call.in[1]);
  const Cut<M> cut(call.in[0].shape(), call.in[1].shape());
  const int64_t filter = int64_t{9} * x.c * dy.c;
  float* scratch = static_cast<float*>(call.workspace);
  float *parts = scratch + max_threads() * cut.thread_floats(), *dw = call.out[0].as<float>();
  parallel_chunks(cut.parts * cut.c.count * cut.o.count, [&](int64_t chunk) {
    const int64_t o_block = chunk % cut.o.count, c_block = chunk / cut.o.count % cut.c.count,
                  part = chunk / cut.o.count / cut.c.count;
    const int64_t c0 = cut.c.first(c_block), channels = cut.c.width(c_block);
    const int64_t o0 = cut.o.first(o_block), outs = cut.o.width(o_block);
    float* zeros = scratch + thread_index() * cut.thread_floats();
    float *xs = zeros + cut.zeros(), *dys = xs + Cut<M>::kPoints * cut.x_point(),
          *sums = dys + Cut<M>::kPoints * cut.dy_point();
    std::fill_n(zeros, cut.zeros(), 0.0f);
    const int64_t begin = part_begin(cut.tiles, part, cut.parts),
                  end = part_begin(cut.tiles, part + 1, cut.parts);
    for (int64_t first = begin; first < end; first += cut.block) {
      const int64_t count = std::min(cut.block, end - first);
      for (int64_t t = 0; t < count; ++t) {
        const Place at = place_of(first + t, cut.high, cut.wide, M);
        transform_pixels(Winograd<M>::bt, x, {at.n, at.h - f.top, at.w - f.left}, c0, channels, zeros,
                         xs + t * cut.c.size, cut.x_point());
        transform_pixels(a.row, dy, at, o0, outs, zeros, dys + t * cut.o.size, cut.dy_point());
      }
      for (int point = 0; point < Cut<M>::kPoints; ++point)
        multiply({.m = channels,
                  .k = count,
                  .panels = {cut.o.size},
                  .a = xs + point * cut.x_point(),
                  .a_row = 1,
                  .a_step = cut.c.size,
                  .b = dys + point * cut.dy_point(),
                  .b_stride = cut.o.size,
                  .c = sums + point * cut.sum_point(),
                  .c_row = cut.o.size,
                  .add = first > begin});
    }
    float* to = cut.parts > 1 ? parts + part * filter : dw;
    transform_back(cut, sums, channels, outs, to + c0 * dy.c + o0, int64_t{x.c} * dy.c, dy.c);
  });
  if (cut.parts > 1) add_parts(parts, filter, dw, cut.parts);
}

template <int M>
Cut<M> cut(std::span<const Desc> descs) {
  return {descs[0].shape, descs[1].shape};
}

template <int M>
size_t workspace(std::span<const Desc> descs) {
  const Cut<M> c = cut<M>(descs);
  const int64_t parts = c.parts > 1 ? c.parts * int64_t(descs[2].elements()) : 0;
  return (max_threads() * c.thread_floats() + parts) * sizeof(float);
}

/// Channels enough to fill a tile of sums and pay for the transforms, and tiles enough for the sums of a point to stay in registers a while.
template <int M>
bool pays(std::span<const Desc> descs, const Window& f) {
  const Cut<4> large = cut<4>(descs);
  const Cut<3> small = cut<3>(descs);
  const int best = large.multiplications() <= small.multiplications() ? 4 : 3;
  const int64_t c = descs[0].shape[3], o = descs[1].shape[3];
  return best == M && f.kh == 3 && f.kw == 3 && f.stride == 1 && std::min(c, o) >= 48 && small.tiles >= 32 &&
         small.tiles * 1024 >= c * o;
}

}  // namespace

bool conv2d_dw_winograd_4x4_supports(std::span<const Desc> descs, const Params& params) {
  return pays<4>(descs, params.as<Window>());
}
bool conv2d_dw_winograd_3x3_supports(std::span<const Desc> descs, const Params& params) {
  return pays<3>(descs, params.as<Window>());
}
size_t conv2d_dw_winograd_4x4_workspace(std::span<const Desc> descs, const Params&) {
  return workspace<4>(descs);
}
size_t conv2d_dw_winograd_3x3_workspace(std::span<const Desc> descs, const Params&) {
  return workspace<3>(descs);
}
void conv2d_dw_winograd_4x4(const Call& call) { sum<4>(call); }
void conv2d_dw_winograd_3x3(const Call& call) { sum<3>(call); }

}  // namespace lineament::LINEAMENT_LEVEL
