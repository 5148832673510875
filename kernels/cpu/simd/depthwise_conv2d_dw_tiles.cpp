// The weight gradient of depthwise convolution: the sums of a row of taps, or of three short ones, stay in registers
// while the pixels of a few rows pass by, tile by tile.
#include <algorithm>

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/partial_sums.h"
#include "kernels/cpu/simd/depthwise_tiles.h"
#include "kernels/cpu/simd/spatial.h"
#include "kernels/pixels.h"

namespace lineament::LINEAMENT_LEVEL {
namespace {

/// Rows of taps whose sums the registers hold at once: 3 of 3, 1 of 5.
template <int kTaps>
constexpr int kRowsHeld = kTaps == 3 ? 3 : 1;

/// The work in chunks: slices of channels, each in parts over the rows of dy. Many channels need few parts, and the
/// fewer, the less there is to add up.
struct Cut {
  int64_t rows, channels, slices, parts, sums;  // sums: of a part of a slice, in floats

  Cut(const Shape& dy, const Window& f) : rows(dy[0] * dy[1]) {
    const int64_t c = dy[3], widest = f.kw == 3 ? 512 : 128, about = (c + widest - 1) / widest;
    channels = ((c + about - 1) / about + kDeep * kLanes - 1) / (kDeep * kLanes) * (kDeep * kLanes);
    slices = (c + channels - 1) / channels;
    parts = std::min((kParts + slices - 1) / slices, rows);
    sums = f.taps() * channels;
  }
};

/// Rows of x, those of rows [first, last) inside the picture, and their columns.
struct RowsOfX {
  const float* row;
  int64_t step;  // floats from one to the next
  int first, last;
  int width;
};

/// sum[i kTaps + j] += x[i, left + q] dy[t] wherever tap j joins column q with column t.
template <int kTaps, int kStride, int kTile, class Block>
[[gnu::always_inline]] inline void add_tile(const RowsOfX& x, int left, const float* dy, int64_t c,
                                            const Block& block,
                                            Lanes (&sum)[kRowsHeld<kTaps> * kTaps][Block::kVectors]) {
  using Map = Gathered<kTaps, kStride>;
  constexpr int kV = Block::kVectors;
  Lanes by[kTile][kV];
  each<kTile * kV>([&](auto k) __attribute__((always_inline)) {
    by[k / kV][k % kV] = block.load(dy + k / kV * c, k % kV);
  });
  each<kRowsHeld<kTaps>>([&](auto i) __attribute__((always_inline)) {
    if (i < x.first || i >= x.last) return;
    const float* read = x.row + i * x.step + left * c;
    each<Map::reads(kTile)>([&](auto q) __attribute__((always_inline)) {
      const float* at = read;
      read += c;
      if (static_cast<unsigned>(left + q) >= static_cast<unsigned>(x.width)) return;
      each<kV>([&](auto v) __attribute__((always_inline)) {
        const Lanes pixel = block.load(at, v);
        each<kTile>([&](auto t) __attribute__((always_inline)) {
          constexpr int j = Map::tap(q, t);
          if constexpr (j >= 0) sum[i * kTaps + j][v] += pixel * by[t][v];
        });
      });
    });
  });
}

/// Rows of dy that a block of channels passes at once. With several rows of taps to hold in turn they and their rows of
/// x stay in L1 from one to the next; where one pass is all, the fewer the better: neighbouring blocks of channels lie
/// side by side, and 3x3x2304 pixels read in that order take half the time.
int64_t rows_at_once(const Pixels<float>& x, const Window& f) {
  const int64_t columns = f.kw == 3 ? 18 : 160;
  return std::max<int64_t>(1, columns / (int64_t{x.w} * f.stride));
}

}  // namespace

/// Floats [slices, parts, blocks of channels, taps, channels of a block].
size_t depthwise_conv2d_dw_tiles_workspace(std::span<const Desc> descs, const Params& params) {
  const Cut cut(descs[1].shape, params.as<Window>());
  return cut.slices * cut.parts * cut.sums * sizeof(float);
}

void depthwise_conv2d_dw_tiles(const Call& call) {
  const auto& f = call.params.as<Window>();
  const auto x = pixels<float>(call.in[0]), dy = pixels<float>(call.in[1]);
  const int64_t c = x.c, at_once = rows_at_once(x, f);
  const Cut cut(call.in[1].shape(), f);
  float *parts = static_cast<float*>(call.workspace), *dw = call.out[0].as<float>();
  const auto channels_of = [&](int64_t slice) { return std::min(cut.channels, c - slice * cut.channels); };
  by_window(f, [&](auto taps, auto stride) {
    constexpr int kTaps = taps.value, kStride = stride.value, kRows = kRowsHeld<kTaps>, kHeld = kRows * kTaps;
    parallel_chunks(cut.slices * cut.parts, [&](int64_t chunk) {
      const int64_t slice = chunk / cut.parts, part = chunk % cut.parts, c0 = slice * cut.channels;
      const int64_t begin = part_begin(cut.rows, part, cut.parts),
                    end = part_begin(cut.rows, part + 1, cut.parts);
      for (int64_t first = begin; first < end; first += at_once) {
        float* sums = parts + chunk * cut.sums;
        over_channels<kDeep>(channels_of(slice), [&]<class Block>(const Block& block) {
          constexpr int kV = Block::kVectors;
          for (int i = 0; i < f.kh; i += kRows) {
            Lanes sum[kHeld][kV] = {};
            if (first > begin)
              each<kHeld * kV>([&](auto k) __attribute__((always_inline)) {
                sum[k / kV][k % kV] = Channels<1>{k * kLanes}.load(sums, 0);
              });
            int n = static_cast<int>(first / dy.h), oh = static_cast<int>(first % dy.h) - 1;
            for (int64_t row = first; row < std::min(first + at_once, end); ++row) {
              if (++oh == dy.h) oh = 0, ++n;
              const int h = oh * f.stride - f.top + i;
              const auto [i0, i1] = taps_inside(h, kRows, f.h);
              const RowsOfX read = {x.at(n, h, 0) + c0, x.w * c, i0, i1, x.w};
              const float* by = dy.at(n, oh, 0) + c0;
              if (i0 >= i1) continue;
              over_columns(
                  dy.w, [&](auto size, int ow) __attribute__((always_inline)) {
                    if (i == 0) {
                      fetch<false>(by + (at_once * dy.w + ow) * c, size, c, block);
                      fetch<false>(read.row + (at_once * kStride * x.w + ow * kStride) * c, size * kStride, c,
                                   block);
                    }
                    add_tile<kTaps, kStride, size.value>(read, ow * kStride - f.left, by + ow * c, c, block,
                                                         sum);
                  });
            }
            each<kHeld * kV>([&](auto k) __attribute__((always_inline)) {
              Channels<1>{k * kLanes}.store(sums, 0, sum[k / kV][k % kV]);
            });
            sums += kHeld * kV * kLanes;
          }
        });
      }
    });
    parallel_chunks(cut.slices, [&](int64_t slice) {
      const float* first = parts + slice * cut.parts * cut.sums;
      over_channels<kDeep>(channels_of(slice), [&]<class Block>(const Block& block) {
        for (int tap = 0; tap < f.taps(); ++tap)
          for (int v = 0; v < Block::kVectors; ++v, first += kLanes) {
            Lanes total{};
            for (int64_t part = 0; part < cut.parts; ++part) {
              Lanes sum;
              std::memcpy(&sum, first + part * cut.sums, sizeof sum);
              total += sum;
            }
            block.store(dw + tap * c + slice * cut.channels, v, total);
          }
      });
    });
  });
}

}  // namespace lineament::LINEAMENT_LEVEL
