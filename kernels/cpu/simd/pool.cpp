// Pools, a few registers of channels at a time. Gradients are gathered
// by each pixel of dx, so that rows write apart.
#include <algorithm>

#include "kernels/cpu/simd/lanes.h"
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/simd/spatial.h"
#include "kernels/pixels.h"

namespace lineament::LINEAMENT_LEVEL {
namespace {

/// Calls f(n, h, w) for every pixel, on all threads.
template <class F>
void for_pixels(const Pixels<float>& p, F&& f) {
  int64_t grain = std::max<int64_t>(1, kElementwiseGrain / (int64_t{p.w} * p.c));
  parallel_ranges(int64_t{p.n} * p.h, grain, [&](int64_t first, int64_t last) {
    for (int64_t row = first; row < last; ++row)
      for (int w = 0; w < p.w; ++w) f(static_cast<int>(row / p.h), static_cast<int>(row % p.h), w);
  });
}

/// What a position sees of the picture.
struct Seen {
  int top, left;  // tap (0, 0), perhaps outside
  Range rows, columns;
  Seen(const Window& f, int oh, int ow)
      : top(oh * f.stride - f.top),
        left(ow * f.stride - f.left),
        rows(taps_inside(top, f.kh, f.h)),
        columns(taps_inside(left, f.kw, f.w)) {}
  int pixels() const { return (rows.last - rows.first) * (columns.last - columns.first); }
};

}  // namespace

void max_pool_vector(const Call& call) {
  const auto& f = call.params.as<Window>();
  auto x = pixels<float>(call.in[0]), y = pixels<float>(call.out[0]);
  auto argmax = pixels<uint8_t>(call.out[1]);
  for_pixels(y, [&](int n, int oh, int ow) {
    Seen seen(f, oh, ow);
    over_channels(y.c, [&]<class Block>(const Block& block) {
      constexpr int kVectors = Block::kVectors;
      Lanes most[kVectors];
      IntLanes best[kVectors];
      for (int v = 0; v < kVectors; ++v) {
        most[v] = block.load(x.at(n, seen.top + seen.rows.first, seen.left + seen.columns.first), v);
        best[v] = IntLanes{} + (seen.rows.first * f.kw + seen.columns.first);
      }
      for (int i = seen.rows.first; i < seen.rows.last; ++i)
        for (int j = seen.columns.first; j < seen.columns.last; ++j) {
          const float* read = x.at(n, seen.top + i, seen.left + j);
          for (int v = 0; v < kVectors; ++v) {
            Lanes value = block.load(read, v);
            IntLanes wins = (value > most[v]) | (value != value);  // a NaN must not be lost
            most[v] = wins ? value : most[v];
            best[v] = wins ? IntLanes{} + (i * f.kw + j) : best[v];
          }
        }
      for (int v = 0; v < kVectors; ++v) {
        block.store(y.at(n, oh, ow), v, most[v]);
        block.store(argmax.at(n, oh, ow), v, __builtin_convertvector(best[v], ByteLanes));
      }
    });
  });
}

void max_pool_dx_vector(const Call& call) {
  const auto& f = call.params.as<Window>();
  auto dy = pixels<float>(call.in[0]), dx = pixels<float>(call.out[0]);
  auto argmax = pixels<uint8_t>(call.in[1]);
  for_pixels(dx, [&](int n, int h, int w) {
    Range rows = positions_over(h, f.top, f.kh, f.stride, f.oh);
    Range columns = positions_over(w, f.left, f.kw, f.stride, f.ow);
    float* __restrict to = dx.at(n, h, w);
    std::fill_n(to, dx.c, 0.0f);
    for (int oh = rows.first; oh < rows.last; ++oh)
      for (int ow = columns.first; ow < columns.last; ++ow) {
        int tap = (h + f.top - oh * f.stride) * f.kw + (w + f.left - ow * f.stride);
        const float* from = dy.at(n, oh, ow);
        const uint8_t* best = argmax.at(n, oh, ow);
        for (int c = 0; c < dx.c; ++c) to[c] += best[c] == tap ? from[c] : 0.0f;
      }
  });
}

void average_pool_vector(const Call& call) {
  const auto& f = call.params.as<Window>();
  auto x = pixels<float>(call.in[0]), y = pixels<float>(call.out[0]);
  for_pixels(y, [&](int n, int oh, int ow) {
    Seen seen(f, oh, ow);
    float share = 1.0f / static_cast<float>(seen.pixels());
    over_channels(y.c, [&]<class Block>(const Block& block) {
      Lanes sum[Block::kVectors] = {};
      for (int i = seen.rows.first; i < seen.rows.last; ++i)
        for (int j = seen.columns.first; j < seen.columns.last; ++j)
          for (int v = 0; v < Block::kVectors; ++v)
            sum[v] += block.load(x.at(n, seen.top + i, seen.left + j), v);
      for (int v = 0; v < Block::kVectors; ++v) block.store(y.at(n, oh, ow), v, sum[v] * share);
    });
  });
}

void average_pool_dx_vector(const Call& call) {
  const auto& f = call.params.as<Window>();
  auto dy = pixels<float>(call.in[0]), dx = pixels<float>(call.out[0]);
  for_pixels(dx, [&](int n, int h, int w) {
    Range rows = positions_over(h, f.top, f.kh, f.stride, f.oh);
    Range columns = positions_over(w, f.left, f.kw, f.stride, f.ow);
    over_channels(dx.c, [&]<class Block>(const Block& block) {
      Lanes sum[Block::kVectors] = {};
      for (int oh = rows.first; oh < rows.last; ++oh)
        for (int ow = columns.first; ow < columns.last; ++ow) {
          float share = 1.0f / static_cast<float>(Seen(f, oh, ow).pixels());
          for (int v = 0; v < Block::kVectors; ++v) sum[v] += block.load(dy.at(n, oh, ow), v) * share;
        }
      for (int v = 0; v < Block::kVectors; ++v) block.store(dx.at(n, h, w), v, sum[v]);
    });
  });
}

void global_average_pool_vector(const Call& call) {
  auto x = pixels<float>(call.in[0]);
  float* y = call.out[0].as<float>();
  int64_t count = int64_t{x.h} * x.w;
  float share = 1.0f / static_cast<float>(count);
  parallel_chunks(x.n, [&](int64_t n) {
    over_channels(x.c, [&]<class Block>(const Block& block) {
      Lanes sum[Block::kVectors] = {};
      for (int64_t pixel = 0; pixel < count; ++pixel)
        for (int v = 0; v < Block::kVectors; ++v) sum[v] += block.load(x.data + (n * count + pixel) * x.c, v);
      for (int v = 0; v < Block::kVectors; ++v) block.store(y + n * x.c, v, sum[v] * share);
    });
  });
}

void global_average_pool_dx_vector(const Call& call) {
  const float* dy = call.in[0].as<float>();
  auto dx = pixels<float>(call.out[0]);
  float share = 1.0f / (static_cast<float>(dx.h) * static_cast<float>(dx.w));
  for_pixels(dx, [&](int n, int h, int w) {
    const float* from = dy + int64_t{n} * dx.c;
    float* to = dx.at(n, h, w);
    for (int c = 0; c < dx.c; ++c) to[c] = from[c] * share;
  });
}

}  // namespace lineament::LINEAMENT_LEVEL
