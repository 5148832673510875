// y[n,oh,ow,c] = sum over i j of x[n, oh s + i - top, ow s + j - left, c] w[i,j,c], finished, and its data gradient: by tiles
// where filters are 3x3 or 5x5 with stride 1 or 2, else a pack of channels of one pixel a thread.
#include "kernels/cuda/depthwise_tiles.h"
#include "kernels/cuda/finish.h"
#include "kernels/cuda/pixel_grid.h"
#include "kernels/cuda/spatial.h"
#include "kernels/spatial_ops.h"

namespace lineament {
namespace {

/// Calls f with the kind as a constant, in a kernel.
template <class F>
__device__ inline void with_activation(Activation kind, F f) {
  switch (kind) {
    case Activation::none:
      return;
    case Activation::relu:
      return f(std::integral_constant<Activation, Activation::relu>{});
    case Activation::relu6:
      return f(std::integral_constant<Activation, Activation::relu6>{});
    case Activation::leaky_relu:
      return f(std::integral_constant<Activation, Activation::leaky_relu>{});
    case Activation::swish:
      return f(std::integral_constant<Activation, Activation::swish>{});
    case Activation::sigmoid:
      return f(std::integral_constant<Activation, Activation::sigmoid>{});
  }
}

template <class T>
struct Slide {
  Pixels<const T> from;
  const float* w;
  Pixels<T> to;
  int top, left;  // the window's
  DeviceFinish<T> finish;
};

/// Axis says what sources a tile's targets have.
template <class T, class Axis, bool kFinished>
__global__ void __launch_bounds__(kTileThreads, kFinished ? 3 : kTileResident)
    tiles_kernel(Slide<T> s, TileCut cut) {
  after_previous_kernel();
  constexpr int K = Axis::kTaps, V = kTileChannels<K>, kTile = Axis::kTile, kSources = Axis::kSources;
  const TilePlace place(cut);
  const int64_t index = place.part * cut.slots + place.slot;
  if (place.pack >= cut.packs || index >= cut.strips) return;
  const TileCut::Strip strip = cut.strip(index);
  const int channel = place.pack * V, channels = s.to.c;

  Floats<V> weights[K * K];
#pragma unroll
  for (int tap = 0; tap < K * K; ++tap) weights[tap] = load<V>(s.w + tap * channels + channel);
  Floats<V> bias = {};
  if constexpr (kFinished) {  // the scale goes into the filter, and sums begin at the bias
    if (s.finish.bias) bias = load<V>(s.finish.bias + channel);
    if (s.finish.scale) {
      const Floats<V> scale = load<V>(s.finish.scale + channel);
#pragma unroll
      for (int tap = 0; tap < K * K; ++tap)
        for (int v = 0; v < V; ++v) weights[tap].at[v] *= scale.at[v];
    }
  }

  const int column = strip.column * kTile - Axis::lead(s.left);
  const int source_column = Axis::first_source(column, s.left);
  const int last = strip.row + cut.walk < cut.rows ? strip.row + cut.walk : cut.rows;
#pragma unroll 1
  for (int tile = strip.row; tile < last; ++tile) {
    const int row = tile * kTile - Axis::lead(s.top), source_row = Axis::first_source(row, s.top);
    Floats<V> sums[kTile][kTile];
#pragma unroll
    for (int a = 0; a < kTile; ++a)
#pragma unroll
      for (int b = 0; b < kTile; ++b) sums[a][b] = bias;
#pragma unroll
    for (int r = 0; r < kSources; ++r) {
      if (!inside(source_row + r, s.from.h)) continue;
      const int64_t line = (int64_t{strip.picture} * s.from.h + source_row + r) * s.from.w;
      const T* from = s.from.data + (line + source_column) * channels + channel;
      Floats<V> sources[kSources];
#pragma unroll
      for (int q = 0; q < kSources; ++q)
        sources[q] = load_or_zeros<V>(from + q * channels, inside(source_column + q, s.from.w));
#pragma unroll
      for (int a = 0; a < kTile; ++a) {
        const int i = Axis::tap(a, r);
        if (i < 0 || i >= K) continue;
#pragma unroll
        for (int q = 0; q < kSources; ++q)
#pragma unroll
          for (int b = 0; b < kTile; ++b) {
            const int j = Axis::tap(b, q);
            if (j < 0 || j >= K) continue;
#pragma unroll
            for (int v = 0; v < V; ++v) sums[a][b].at[v] += sources[q].at[v] * weights[i * K + j].at[v];
          }
      }
    }

    const int64_t first_line = (int64_t{strip.picture} * s.to.h + row) * s.to.w;
    const int64_t first = (first_line + column) * channels + channel;
    const auto target = [&](int a, int b) { return first + (a * s.to.w + b) * channels; };
    const auto is_there = [&](int a, int b) { return inside(row + a, s.to.h) && inside(column + b, s.to.w); };
    if constexpr (kFinished) {
      if (s.finish.residual) {
#pragma unroll
        for (int a = 0; a < kTile; ++a)
#pragma unroll
          for (int b = 0; b < kTile; ++b)
            if (is_there(a, b)) {
              const Floats<V> residual = load<V>(s.finish.residual + target(a, b));
              for (int v = 0; v < V; ++v) sums[a][b].at[v] += residual.at[v];
            }
      }
      with_activation(s.finish.activation, [&](auto kind) {
#pragma unroll
        for (int a = 0; a < kTile; ++a)
#pragma unroll
          for (int b = 0; b < kTile; ++b)
            for (int v = 0; v < V; ++v)
              sums[a][b].at[v] = activated<float>(decltype(kind)::value, sums[a][b].at[v], kLeakySlope);
      });
    }
#pragma unroll
    for (int a = 0; a < kTile; ++a)
#pragma unroll
      for (int b = 0; b < kTile; ++b)
        if (is_there(a, b)) store<V>(s.to.data + target(a, b), sums[a][b]);
  }
}

constexpr int kLongestWalk = 4;

template <class Axis, bool kFinished, class T>
void slide(const Call& call, const Slide<T>& s) {
  constexpr int V = kTileChannels<Axis::kTaps>;
  const auto tiles = [](int size, int before) {
    return (size + Axis::lead(before) + Axis::kTile - 1) / Axis::kTile;
  };
  const TileCut cut(s.to.n, tiles(s.to.h, s.top), tiles(s.to.w, s.left), s.to.c, V,
                    V * static_cast<int>(sizeof(T)), kLongestWalk);
  launch(tiles_kernel<T, Axis, kFinished>, cut.blocks(), cut.threads(), call, s, cut);
}

/// Any filter, any stride: a position a thread.
template <class T, int V>
struct AnyDepthwise {
  Window f;
  Pixels<const T> x;
  const float* w;
  Pixels<T> y;
  DeviceFinish<T> finish;

  __device__ void operator()(const Pixel& at) const {
    const int top = at.h * f.stride - f.top, left = at.w * f.stride - f.left;
    const Range rows = taps_inside(top, f.kh, f.h), columns = taps_inside(left, f.kw, f.w);
    Floats<V> sum = {};
    for (int i = rows.first; i < rows.last; ++i)
      for (int j = columns.first; j < columns.last; ++j) {
        const Floats<V> here = load<V>(x.at(at.n, top + i, left + j) + at.c);
        const Floats<V> weight = load<V>(w + (int64_t{i} * f.kw + j) * y.c + at.c);
        for (int v = 0; v < V; ++v) sum.at[v] += here.at[v] * weight.at[v];
      }
    T* to = y.at(at.n, at.h, at.w) + at.c;
    for (int v = 0; v < V; ++v) sum.at[v] = finish(sum.at[v], at.c + v, to + v - y.data);
    store<V>(to, sum);
  }
};

/// The same of the data gradient: from the positions over a pixel.
template <class T, int V>
struct AnyDepthwiseGrad {
  Window f;
  Pixels<const T> dy;
  const float* w;
  Pixels<T> dx;

  __device__ void operator()(const Pixel& at) const {
    const Range rows = positions_over(at.h, f.top, f.kh, f.stride, f.oh);
    const Range columns = positions_over(at.w, f.left, f.kw, f.stride, f.ow);
    Floats<V> sum = {};
    for (int oh = rows.first; oh < rows.last; ++oh)
      for (int ow = columns.first; ow < columns.last; ++ow) {
        const int i = at.h + f.top - oh * f.stride, j = at.w + f.left - ow * f.stride;
        const Floats<V> upstream = load<V>(dy.at(at.n, oh, ow) + at.c);
        const Floats<V> weight = load<V>(w + (int64_t{i} * f.kw + j) * dx.c + at.c);
        for (int v = 0; v < V; ++v) sum.at[v] += upstream.at[v] * weight.at[v];
      }
    store<V>(dx.at(at.n, at.h, at.w) + at.c, sum);
  }
};

/// By tiles, or by `any` where there are none for this filter.
template <template <int, int> class Axis, bool kFinished, class T, class Any>
void run_tiles_or(const Call& call, const Window& f, const DeviceFinish<T>& finish, Any any) {
  const Slide<T> s{
      read_pixels<T>(call.in[0]), call.in[1].as<float>(), pixels<T>(call.out[0]), f.top, f.left, finish};
  const auto square = [&](int taps, int stride) {
    return f.kh == taps && f.kw == taps && f.stride == stride;
  };
  if (tiles_fit<3>(call, s.to.c)) {
    if (square(3, 1)) return slide<Axis<3, 1>, kFinished>(call, s);
    if (square(3, 2)) return slide<Axis<3, 2>, kFinished>(call, s);
  }
  if (tiles_fit<5>(call, s.to.c)) {
    if (square(5, 1)) return slide<Axis<5, 1>, kFinished>(call, s);
    if (square(5, 2)) return slide<Axis<5, 2>, kFinished>(call, s);
  }
  if (s.to.c % 4 == 0 && packs_fit(call))
    any(s, std::integral_constant<int, 4>{});
  else
    any(s, std::integral_constant<int, 1>{});
}

void run(const Call& call) {
  const auto& f = call.params.as<Window>();
  by_storage(call.in[0], [&]<class T>(T) {
    const auto finish = device_finish_of<T>(call, f.activation);
    const auto any = [&]<int V>(const Slide<T>& s, std::integral_constant<int, V>) {
      each_pixel(call, {s.to.n, s.to.h, s.to.w, s.to.c, V}, AnyDepthwise<T, V>{f, s.from, s.w, s.to, finish});
    };
    if (finish.changes())
      run_tiles_or<Positions, true, T>(call, f, finish, any);
    else
      run_tiles_or<Positions, false, T>(call, f, finish, any);
  });
}

void run_dx(const Call& call) {
  const auto& f = call.params.as<Window>();
  by_storage(call.in[0], [&]<class T>(T) {
    run_tiles_or<CoveredPixels, false, T>(
        call, f, {}, [&]<int V>(const Slide<T>& s, std::integral_constant<int, V>) {
          each_pixel(call, {s.to.n, s.to.h, s.to.w, s.to.c, V}, AnyDepthwiseGrad<T, V>{f, s.from, s.w, s.to});
        });
  });
}

}  // namespace

const Kernel depthwise_conv2d_cuda[] = {{"depthwise_conv2d.cuda", run}, {}};
const Kernel depthwise_conv2d_dx_cuda[] = {{"depthwise_conv2d_dx.cuda", run_dx}, {}};

}  // namespace lineament
