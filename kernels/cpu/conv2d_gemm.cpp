// Convolution as a matrix product: each output pixel is a row of the taps that it reads (im2col).
#include <algorithm>

#include "kernels/cpu/gemm.h"
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/partial_sums.h"
#include "kernels/cpu/spatial.h"
#include "kernels/finish.h"
#include "kernels/pixels.h"

namespace lineament {
namespace {

/// Output pixels that one matrix product takes: its rows of k floats should stay in L2, but few rows leave
/// the product waiting for its weights.
int64_t block_pixels(int64_t k) { return std::clamp<int64_t>((1 << 18) / k, 96, 512); }

/// Elements of x under one output pixel: kh kw c.
int64_t taps_of(const Window& f, const Shape& x) { return int64_t{f.taps()} * x[3]; }

/// Which output pixel a row of the matrix is: pixels of all pictures are numbered through.
struct Position {
  int n, oh, ow;

  Position(const Window& f, int64_t pixel)
      : n(static_cast<int>(pixel / (f.oh * f.ow))),
        oh(static_cast<int>(pixel / f.ow % f.oh)),
        ow(static_cast<int>(pixel % f.ow)) {}
  void advance(const Window& f) {
    if (++ow < f.ow) return;
    ow = 0;
    if (++oh < f.oh) return;
    oh = 0;
    ++n;
  }
};

/// Calls run(offset into a row of kh kw c, pointer into x, floats) for each run of taps that lie side by side
/// in x: a row of the filter, short of what lands outside the picture.
template <class F>
void for_runs(const Pixels<float>& x, const Window& f, const Position& at, F&& run) {
  int top = at.oh * f.stride - f.top, left = at.ow * f.stride - f.left;
  auto [i0, i1] = taps_inside(top, f.kh, f.h);
  auto [j0, j1] = taps_inside(left, f.kw, f.w);
  if (j0 >= j1) return;
  for (int i = i0; i < i1; ++i)
    run((int64_t{i} * f.kw + j0) * x.c, x.at(at.n, top + i, left + j0), int64_t{j1 - j0} * x.c);
}

/// columns [last - first, kh kw c]: the taps under output pixels [first, last), zeros outside the picture.
void im2col(const Pixels<float>& x, const Window& f, int64_t first, int64_t last, float* columns) {
  int64_t k = int64_t{f.taps()} * x.c;
  Position at(f, first);
  for (int64_t pixel = first; pixel < last; ++pixel, at.advance(f), columns += k) {
    int64_t filled = 0;
    for_runs(x, f, at, [&](int64_t offset, const float* from, int64_t count) {
      std::fill(columns + filled, columns + offset, 0.0f);
      std::copy_n(from, count, columns + offset);
      filled = offset + count;
    });
    std::fill(columns + filled, columns + k, 0.0f);
  }
}

/// Adds the rows back to where im2col took them from.
void col2im_add(const float* columns, const Window& f, int64_t first, int64_t last, const Pixels<float>& dx) {
  int64_t k = int64_t{f.taps()} * dx.c;
  Position at(f, first);
  for (int64_t pixel = first; pixel < last; ++pixel, at.advance(f), columns += k)
    for_runs(dx, f, at, [&](int64_t offset, float* to, int64_t count) {
      for (int64_t i = 0; i < count; ++i) to[i] += columns[offset + i];
    });
}

/// What one tap reads, channels [c0, c0 + channels), for output pixels [first, last).
void gather_tap(const Pixels<float>& x, const Window& f, int tap, int c0, int channels, int64_t first,
                int64_t last, float* rows) {
  Position at(f, first);
  for (int64_t pixel = first; pixel < last; ++pixel, at.advance(f), rows += channels) {
    int h = at.oh * f.stride - f.top + tap / f.kw, w = at.ow * f.stride - f.left + tap % f.kw;
    if (h < 0 || h >= f.h || w < 0 || w >= f.w)
      std::fill_n(rows, channels, 0.0f);
    else
      std::copy_n(x.at(at.n, h, w) + c0, channels, rows);
  }
}

/// Sums in rows of y to what is wanted of them.
void finish_rows(const Finish<float>& finish, const Pixels<float>& y, int64_t first, int64_t last) {
  for (int64_t i = first * y.c; i < last * y.c;)
    for (int64_t o = 0; o < y.c; ++o, ++i) y.data[i] = finish(y.data[i], o, i);
}

}  // namespace

bool conv2d_is_1x1(std::span<const Desc> descs, const Params& params) {
  return all_f32(descs, params) && params.as<Window>().pointwise();
}

void conv2d_gemm_1x1(const Call& call) {
  auto x = pixels<float>(call.in[0]), y = pixels<float>(call.out[0]);
  const float* w = call.in[1].as<float>();
  const Finish<float> finish = finish_of<float>(call);
  parallel_ranges(y.count(), block_pixels(x.c), [&](int64_t first, int64_t last) {
    std::fill_n(y.data + first * y.c, (last - first) * y.c, 0.0f);
    gemm_add({last - first, y.c, x.c}, {x.data + first * x.c, x.c}, {w, y.c}, y.data + first * y.c, y.c);
    finish_rows(finish, y, first, last);
  });
}

void conv2d_dx_gemm_1x1(const Call& call) {
  auto dy = pixels<float>(call.in[0]), dx = pixels<float>(call.out[0]);
  const float* w = call.in[1].as<float>();
  parallel_ranges(dx.count(), block_pixels(dy.c), [&](int64_t first, int64_t last) {
    float* rows = dx.data + first * dx.c;
    std::fill_n(rows, (last - first) * dx.c, 0.0f);
    gemm_add({last - first, dx.c, dy.c}, {dy.data + first * dy.c, dy.c}, {w, dy.c, true}, rows, dx.c);
  });
}

size_t conv2d_gemm_workspace(std::span<const Desc> descs, const Params& params) {
  int64_t k = taps_of(params.as<Window>(), descs[0].shape);
  return max_threads() * block_pixels(k) * k * sizeof(float);
}

void conv2d_gemm(const Call& call) {
  const auto& f = call.params.as<Window>();
  auto x = pixels<float>(call.in[0]), y = pixels<float>(call.out[0]);
  const float* w = call.in[1].as<float>();
  const Finish<float> finish = finish_of<float>(call);
  int64_t k = int64_t{f.taps()} * x.c, block = block_pixels(k);
  parallel_ranges(y.count(), block, [&](int64_t first, int64_t last) {
    float* columns = static_cast<float*>(call.workspace) + thread_index() * block * k;
    im2col(x, f, first, last, columns);
    std::fill_n(y.data + first * y.c, (last - first) * y.c, 0.0f);
    gemm_add({last - first, y.c, k}, {columns, k}, {w, y.c}, y.data + first * y.c, y.c);
    finish_rows(finish, y, first, last);
  });
}

size_t conv2d_dx_gemm_workspace(std::span<const Desc> descs, const Params& params) {
  int64_t k = taps_of(params.as<Window>(), descs.back().shape);
  return max_threads() * block_pixels(k) * k * sizeof(float);
}

// Positions overlap in dx, so a chunk is whole pictures: as many as fill a block.
void conv2d_dx_gemm(const Call& call) {
  const auto& f = call.params.as<Window>();
  auto dy = pixels<float>(call.in[0]), dx = pixels<float>(call.out[0]);
  const float* w = call.in[1].as<float>();
  int64_t k = int64_t{f.taps()} * dx.c, block = block_pixels(k);
  int64_t positions = int64_t{f.oh} * f.ow, picture = int64_t{dx.h} * dx.w * dx.c;
  parallel_ranges(
      dx.n, std::max<int64_t>(1, block / positions), [&](int64_t first_picture, int64_t last_picture) {
        float* columns = static_cast<float*>(call.workspace) + thread_index() * block * k;
        std::fill(dx.data + first_picture * picture, dx.data + last_picture * picture, 0.0f);
        for (int64_t first = first_picture * positions; first < last_picture * positions; first += block) {
          int64_t last = std::min(first + block, last_picture * positions);
          std::fill_n(columns, (last - first) * k, 0.0f);
          gemm_add({last - first, k, dy.c}, {dy.data + first * dy.c, dy.c}, {w, dy.c, true}, columns, k);
          col2im_add(columns, f, first, last, dx);
        }
      });
}

namespace {

/// A filter this small is summed in parts over the pixels; a larger one has rows enough to share out.
constexpr int64_t kSmallFilter = 1 << 16;
constexpr int64_t kTapChannels = 256, kTapPixels = 256;

bool in_parts(int64_t k, int64_t o) { return k * o <= kSmallFilter; }

void dw_in_parts(const Call& call) {
  const auto& f = call.params.as<Window>();
  auto x = pixels<float>(call.in[0]), dy = pixels<float>(call.in[1]);
  int64_t k = int64_t{f.taps()} * x.c, block = block_pixels(k), count = k * dy.c;
  float* parts = static_cast<float*>(call.workspace);
  parallel_chunks(kParts, [&](int64_t part) {
    float* sum = parts + part * count;
    float* scratch = parts + kParts * count + thread_index() * block * k;
    std::fill_n(sum, count, 0.0f);
    int64_t end = part_begin(dy.count(), part + 1);
    for (int64_t first = part_begin(dy.count(), part); first < end; first += block) {
      int64_t last = std::min(first + block, end);
      if (!f.pointwise()) im2col(x, f, first, last, scratch);
      const float* columns = f.pointwise() ? x.data + first * x.c : scratch;
      gemm_add({k, dy.c, last - first}, {columns, k, true}, {dy.data + first * dy.c, dy.c}, sum, dy.c);
    }
  });
  add_parts(parts, count, call.out[0].as<float>());
}

void dw_by_rows(const Call& call) {
  const auto& f = call.params.as<Window>();
  auto x = pixels<float>(call.in[0]), dy = pixels<float>(call.in[1]), dw = pixels<float>(call.out[0]);
  int64_t slices = (x.c + kTapChannels - 1) / kTapChannels;
  parallel_chunks(f.taps() * slices, [&](int64_t chunk) {
    int tap = static_cast<int>(chunk / slices), c0 = static_cast<int>(chunk % slices * kTapChannels);
    int channels = std::min<int>(kTapChannels, x.c - c0);
    float* rows = dw.at(tap / f.kw, tap % f.kw, c0);
    float* scratch = static_cast<float*>(call.workspace) + thread_index() * kTapPixels * kTapChannels;
    std::fill_n(rows, int64_t{channels} * dy.c, 0.0f);
    for (int64_t first = 0; first < dy.count(); first += kTapPixels) {
      int64_t last = std::min(first + kTapPixels, dy.count());
      Matrix read = {scratch, channels, true};
      if (f.pointwise())
        read = {x.data + first * x.c + c0, x.c, true};
      else
        gather_tap(x, f, tap, c0, channels, first, last, scratch);
      gemm_add({channels, dy.c, last - first}, read, {dy.data + first * dy.c, dy.c}, rows, dy.c);
    }
  });
}

}  // namespace

size_t conv2d_dw_gemm_workspace(std::span<const Desc> descs, const Params& params) {
  int64_t k = taps_of(params.as<Window>(), descs[0].shape), o = descs[1].shape[3];
  if (!in_parts(k, o)) return max_threads() * kTapPixels * kTapChannels * sizeof(float);
  return (kParts * k * o + max_threads() * block_pixels(k) * k) * sizeof(float);
}

void conv2d_dw_gemm(const Call& call) {
  const Shape& dw = call.out[0].shape();
  in_parts(dw[0] * dw[1] * dw[2], dw[3]) ? dw_in_parts(call) : dw_by_rows(call);
}

}  // namespace lineament
