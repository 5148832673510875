// One thread for each pack of channels of each pixel of a picture; neighbours in memory to neighbouring threads.
#pragma once
#include "kernels/cuda/divisor.h"
#include "kernels/cuda/floats.h"
#include "kernels/pixels.h"

namespace lineament {

/// Where a thread is: picture, row, column, first channel.
struct Pixel {
  int n, h, w, c;
};

/// n x h x w pixels of `channels`, V of them a thread.
struct PixelGrid {
  int64_t threads;
  Divisor packs, columns, rows;
  int pack;

  PixelGrid(int64_t n, int64_t h, int64_t w, int64_t channels, int v)
      : threads(n * h * w * (channels / v)), packs(channels / v), columns(w), rows(h), pack(v) {}

  __device__ Pixel pixel(int64_t i) const {
    const int64_t p = packs.quotient(i), line = columns.quotient(p), n = rows.quotient(line);
    return {static_cast<int>(n), static_cast<int>(line - n * rows.divisor()),
            static_cast<int>(p - line * columns.divisor()), static_cast<int>(i - p * packs.divisor()) * pack};
  }
};

template <class F>
__global__ void each_pixel_kernel(F f, PixelGrid grid) {
  after_previous_kernel();
  const int64_t i = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i < grid.threads) f(grid.pixel(i));
}

/// f(pixel) for every pixel and pack.
template <class F>
void each_pixel(const Call& call, const PixelGrid& grid, F f) {
  if (grid.threads > 0)
    launch(each_pixel_kernel<F>, blocks_for(grid.threads), kBlockThreads, call, f, grid);
}

/// The pictures behind a view, to read and to write.
template <class T>
Pixels<const T> read_pixels(const View& view) {
  const Pixels<T> p = pixels<T>(view);
  return {p.data, p.n, p.h, p.w, p.c};
}

/// V channels of a pixel, zeros outside the picture.
template <int V, class T>
__device__ inline Floats<V> load_inside(const Pixels<const T>& x, int n, int h, int w, int c) {
  if (h < 0 || h >= x.h || w < 0 || w >= x.w) return {};
  return load<V>(x.at(n, h, w) + c);
}

}  // namespace lineament
