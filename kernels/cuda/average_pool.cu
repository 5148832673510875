// y = mean of x under a window, its padding left out, and its gradient; the mean of a whole picture, and its gradient.
#include "kernels/cuda/pixel_grid.h"
#include "kernels/cuda/rows.h"
#include "kernels/cuda/spatial.h"
#include "kernels/spatial_ops.h"

namespace lineament {
namespace {

/// Pixels that a position's window sees.
__device__ inline int seen(const Window& f, int oh, int ow) {
  const Range rows = taps_inside(oh * f.stride - f.top, f.kh, f.h);
  const Range columns = taps_inside(ow * f.stride - f.left, f.kw, f.w);
  return (rows.last - rows.first) * (columns.last - columns.first);
}

template <class T, int V>
struct AveragePool {
  Window f;
  Pixels<const T> x;
  Pixels<T> y;

  __device__ void operator()(const Pixel& at) const {
    const int top = at.h * f.stride - f.top, left = at.w * f.stride - f.left;
    const Range rows = taps_inside(top, f.kh, f.h), columns = taps_inside(left, f.kw, f.w);
    Floats<V> sum = {};
    for (int i = rows.first; i < rows.last; ++i)
      for (int j = columns.first; j < columns.last; ++j) {
        const Floats<V> here = load<V>(x.at(at.n, top + i, left + j) + at.c);
        for (int v = 0; v < V; ++v) sum.at[v] += here.at[v];
      }
    const auto count = static_cast<float>(seen(f, at.h, at.w));
    for (int v = 0; v < V; ++v) sum.at[v] /= count;
    store<V>(y.at(at.n, at.h, at.w) + at.c, sum);
  }
};

template <class T, int V>
struct AveragePoolGrad {
  Window f;
  Pixels<const T> dy;
  Pixels<T> dx;

  __device__ void operator()(const Pixel& at) const {
    const Range rows = positions_over(at.h, f.top, f.kh, f.stride, f.oh);
    const Range columns = positions_over(at.w, f.left, f.kw, f.stride, f.ow);
    Floats<V> sum = {};
    for (int oh = rows.first; oh < rows.last; ++oh)
      for (int ow = columns.first; ow < columns.last; ++ow) {
        const Floats<V> upstream = load<V>(dy.at(at.n, oh, ow) + at.c);
        const auto count = static_cast<float>(seen(f, oh, ow));
        for (int v = 0; v < V; ++v) sum.at[v] += upstream.at[v] / count;
      }
    store<V>(dx.at(at.n, at.h, at.w) + at.c, sum);
  }
};

void run(const Call& call) {
  const auto& f = call.params.as<Window>();
  by_pack(call, call.in[0], call.in[0].shape()[3], [&]<class T, int V>(T, std::integral_constant<int, V>) {
    const auto y = pixels<T>(call.out[0]);
    each_pixel(call, {y.n, y.h, y.w, y.c, V}, AveragePool<T, V>{f, read_pixels<T>(call.in[0]), y});
  });
}

void run_dx(const Call& call) {
  const auto& f = call.params.as<Window>();
  by_pack(call, call.in[0], call.in[0].shape()[3], [&]<class T, int V>(T, std::integral_constant<int, V>) {
    const auto dx = pixels<T>(call.out[0]);
    each_pixel(call, {dx.n, dx.h, dx.w, dx.c, V}, AveragePoolGrad<T, V>{f, read_pixels<T>(call.in[0]), dx});
  });
}

template <class T>
struct StoreMean {
  T* y;
  float pixels;
  __device__ void operator()(int64_t i, int, const Sums<1>& sum) const {
    y[i] = static_cast<T>(sum.at[0] / pixels);
  }
};

void run_global(const Call& call) {
  const Shape& s = call.in[0].shape();
  by_pack(call, call.in[0], s[3], [&]<class T, int V>(T, std::integral_constant<int, V>) {
    reduce<Sums<1>, V>(call, s[0], s[1] * s[2], s[3], RowSums<T, V>{call.in[0].as<T>(), s[3]},
                       StoreMean<T>{call.out[0].as<T>(), static_cast<float>(s[1] * s[2])});
  });
}

size_t global_workspace(std::span<const Desc> descs, const Params&) {
  const Shape& s = descs[0].shape;
  return reduce_bytes<Sums<1>>(s[0], s[1] * s[2], s[3]);
}

template <class T, int V>
struct SpreadMean {
  const T* dy;  // [n, c]
  Pixels<T> dx;
  __device__ void operator()(const Pixel& at) const {
    Floats<V> share = load<V>(dy + int64_t{at.n} * dx.c + at.c);
    for (int v = 0; v < V; ++v) share.at[v] /= static_cast<float>(dx.h * dx.w);
    store<V>(dx.at(at.n, at.h, at.w) + at.c, share);
  }
};

void run_global_dx(const Call& call) {
  by_pack(call, call.out[0], call.out[0].shape()[3], [&]<class T, int V>(T, std::integral_constant<int, V>) {
    const auto dx = pixels<T>(call.out[0]);
    each_pixel(call, {dx.n, dx.h, dx.w, dx.c, V}, SpreadMean<T, V>{call.in[0].as<T>(), dx});
  });
}

}  // namespace

const Kernel average_pool_cuda[] = {{"average_pool.cuda", run}, {}};
const Kernel average_pool_dx_cuda[] = {{"average_pool_dx.cuda", run_dx}, {}};
const Kernel global_average_pool_cuda[] = {
    {"global_average_pool.cuda", run_global, nullptr, global_workspace}, {}};
const Kernel global_average_pool_dx_cuda[] = {{"global_average_pool_dx.cuda", run_global_dx}, {}};

}  // namespace lineament
