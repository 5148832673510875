// Depthwise convolution by any window: a few registers of channels stay put while the taps of a pixel pass by.
#include <algorithm>

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/partial_sums.h"
#include "kernels/cpu/simd/epilogue.h"
#include "kernels/cpu/simd/spatial.h"
#include "kernels/pixels.h"

namespace lineament::LINEAMENT_LEVEL {
namespace {

/// Calls f(n, row) for every row of every picture, on all threads.
template <class F>
void for_rows(const Pixels<float>& p, F&& f) {
  int64_t grain = std::max<int64_t>(1, kElementwiseGrain / (int64_t{p.w} * p.c));
  parallel_ranges(int64_t{p.n} * p.h, grain, [&](int64_t first, int64_t last) {
    for (int64_t row = first; row < last; ++row) f(static_cast<int>(row / p.h), static_cast<int>(row % p.h));
  });
}

}  // namespace

void depthwise_conv2d_direct(const Call& call) {
  const auto& f = call.params.as<Window>();
  auto x = pixels<float>(call.in[0]), y = pixels<float>(call.out[0]);
  const float* w = call.in[1].as<float>();
  const Epilogue epilogue = finish_of<float>(call);
  const float* bias = start_of(epilogue);
  for_rows(y, [&](int n, int oh) {
    int top = oh * f.stride - f.top;
    auto [i0, i1] = taps_inside(top, f.kh, f.h);
    for (int ow = 0; ow < f.ow; ++ow) {
      int left = ow * f.stride - f.left;
      auto [j0, j1] = taps_inside(left, f.kw, f.w);
      over_channels(y.c, [&, i0 = i0, i1 = i1, j0 = j0, j1 = j1]<class Block>(const Block& block) {
        Lanes sum[Block::kVectors] = {};
        if (bias)
          for (int v = 0; v < Block::kVectors; ++v) sum[v] = block.load(bias, v);
        for (int i = i0; i < i1; ++i)
          for (int j = j0; j < j1; ++j) {
            const float *read = x.at(n, top + i, left + j), *weights = w + (int64_t{i} * f.kw + j) * y.c;
            for (int v = 0; v < Block::kVectors; ++v) sum[v] += block.load(read, v) * block.load(weights, v);
          }
        for (int v = 0; v < Block::kVectors; ++v) {
          const int64_t c = block.first + v * kLanes, i = y.at(n, oh, ow) - y.data + c;
          block.store(y.at(n, oh, ow), v, finished(epilogue, sum[v], c, i, block.count));
        }
      });
    }
  });
}

void depthwise_conv2d_dx_direct(const Call& call) {
  const auto& f = call.params.as<Window>();
  auto dy = pixels<float>(call.in[0]), dx = pixels<float>(call.out[0]);
  const float* w = call.in[1].as<float>();
  for_rows(dx, [&](int n, int h) {
    auto [oh0, oh1] = positions_over(h, f.top, f.kh, f.stride, f.oh);
    for (int v0 = 0; v0 < f.w; ++v0) {
      auto [ow0, ow1] = positions_over(v0, f.left, f.kw, f.stride, f.ow);
      over_channels(dx.c, [&, oh0 = oh0, oh1 = oh1, ow0 = ow0, ow1 = ow1]<class Block>(const Block& block) {
        Lanes sum[Block::kVectors] = {};
        for (int oh = oh0; oh < oh1; ++oh)
          for (int ow = ow0; ow < ow1; ++ow) {
            int64_t tap = int64_t{h + f.top - oh * f.stride} * f.kw + (v0 + f.left - ow * f.stride);
            const float *read = dy.at(n, oh, ow), *weights = w + tap * dx.c;
            for (int v = 0; v < Block::kVectors; ++v) sum[v] += block.load(read, v) * block.load(weights, v);
          }
        for (int v = 0; v < Block::kVectors; ++v) block.store(dx.at(n, h, v0), v, sum[v]);
      });
    }
  });
}

size_t depthwise_conv2d_dw_workspace(std::span<const Desc> descs, const Params&) {
  return kParts * descs.back().elements() * sizeof(float);
}

void depthwise_conv2d_dw_direct(const Call& call) {
  const auto& f = call.params.as<Window>();
  auto x = pixels<float>(call.in[0]), dy = pixels<float>(call.in[1]);
  float* parts = static_cast<float*>(call.workspace);
  int64_t count = int64_t{f.taps()} * x.c, rows = int64_t{dy.n} * dy.h;
  parallel_chunks(kParts, [&](int64_t part) {
    float* sums = parts + part * count;
    over_channels(x.c, [&]<class Block>(const Block& block) {
      for (int tap = 0; tap < f.taps(); ++tap)
        for (int v = 0; v < Block::kVectors; ++v) block.store(sums + int64_t{tap} * x.c, v, Lanes{});
      for (int64_t row = part_begin(rows, part); row < part_begin(rows, part + 1); ++row) {
        int n = static_cast<int>(row / dy.h), oh = static_cast<int>(row % dy.h);
        int top = oh * f.stride - f.top;
        auto [i0, i1] = taps_inside(top, f.kh, f.h);
        for (int i = i0; i < i1; ++i)
          for (int j = 0; j < f.kw; ++j) {
            // Positions whose tap j lands inside the picture.
            int ow0 = j < f.left ? (f.left - j + f.stride - 1) / f.stride : 0;
            int ow1 = f.w + f.left <= j ? 0 : std::min(f.ow, (f.w - 1 + f.left - j) / f.stride + 1);
            float* taps = sums + (int64_t{i} * f.kw + j) * x.c;
            Lanes sum[Block::kVectors];
            for (int v = 0; v < Block::kVectors; ++v) sum[v] = block.load(taps, v);
            for (int ow = ow0; ow < ow1; ++ow) {
              const float *read = x.at(n, top + i, ow * f.stride - f.left + j), *by = dy.at(n, oh, ow);
              for (int v = 0; v < Block::kVectors; ++v) sum[v] += block.load(read, v) * block.load(by, v);
            }
            for (int v = 0; v < Block::kVectors; ++v) block.store(taps, v, sum[v]);
          }
      }
    });
  });
  add_parts(parts, count, call.out[0].as<float>());
}

}  // namespace lineament::LINEAMENT_LEVEL
