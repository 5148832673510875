// y = max of x under a window, and which tap it was; the gradient gathers from the windows over a pixel.
#include "kernels/cuda/pixel_grid.h"
#include "kernels/cuda/spatial.h"

namespace lineament {
namespace {

template <class T, int V>
struct MaxPool {
  Window f;
  Pixels<const T> x;
  Pixels<T> y;
  Pixels<uint8_t> argmax;

  __device__ void operator()(const Pixel& at) const {
    const int top = at.h * f.stride - f.top, left = at.w * f.stride - f.left;
    const Range rows = taps_inside(top, f.kh, f.h), columns = taps_inside(left, f.kw, f.w);
    Floats<V> most = load<V>(x.at(at.n, top + rows.first, left + columns.first) + at.c);
    Pack<uint8_t, V> best;
    for (int v = 0; v < V; ++v) best.at[v] = static_cast<uint8_t>(rows.first * f.kw + columns.first);
    for (int i = rows.first; i < rows.last; ++i)
      for (int j = columns.first; j < columns.last; ++j) {
        const Floats<V> here = load<V>(x.at(at.n, top + i, left + j) + at.c);
        for (int v = 0; v < V; ++v)
          if (here.at[v] > most.at[v] || here.at[v] != here.at[v]) {  // a NaN must not be lost
            most.at[v] = here.at[v];
            best.at[v] = static_cast<uint8_t>(i * f.kw + j);
          }
      }
    store<V>(y.at(at.n, at.h, at.w) + at.c, most);
    *reinterpret_cast<Pack<uint8_t, V>*>(argmax.at(at.n, at.h, at.w) + at.c) = best;
  }
};

template <class T, int V>
struct MaxPoolGrad {
  Window f;
  Pixels<const T> dy;
  Pixels<const uint8_t> argmax;
  Pixels<T> dx;

  __device__ void operator()(const Pixel& at) const {
    const Range rows = positions_over(at.h, f.top, f.kh, f.stride, f.oh);
    const Range columns = positions_over(at.w, f.left, f.kw, f.stride, f.ow);
    Floats<V> sum = {};
    for (int oh = rows.first; oh < rows.last; ++oh)
      for (int ow = columns.first; ow < columns.last; ++ow) {
        const int tap = (at.h + f.top - oh * f.stride) * f.kw + at.w + f.left - ow * f.stride;
        const Floats<V> upstream = load<V>(dy.at(at.n, oh, ow) + at.c);
        const auto winner = load_pack<V>(argmax.at(at.n, oh, ow) + at.c);
        for (int v = 0; v < V; ++v) sum.at[v] += winner.at[v] == tap ? upstream.at[v] : 0.0f;
      }
    store<V>(dx.at(at.n, at.h, at.w) + at.c, sum);
  }
};

void run(const Call& call) {
  const auto& f = call.params.as<Window>();
  by_pack(call, call.in[0], call.in[0].shape()[3], [&]<class T, int V>(T, std::integral_constant<int, V>) {
    const auto y = pixels<T>(call.out[0]);
    each_pixel(call, {y.n, y.h, y.w, y.c, V},
               MaxPool<T, V>{f, read_pixels<T>(call.in[0]), y, pixels<uint8_t>(call.out[1])});
  });
}

void run_dx(const Call& call) {
  const auto& f = call.params.as<Window>();
  by_pack(call, call.in[0], call.in[0].shape()[3], [&]<class T, int V>(T, std::integral_constant<int, V>) {
    const auto dx = pixels<T>(call.out[0]);
    each_pixel(call, {dx.n, dx.h, dx.w, dx.c, V},
               MaxPoolGrad<T, V>{f, read_pixels<T>(call.in[0]), read_pixels<uint8_t>(call.in[1]), dx});
  });
}

}  // namespace

const Kernel max_pool_cuda[] = {{"max_pool.cuda", run}, {}};
const Kernel max_pool_dx_cuda[] = {{"max_pool_dx.cuda", run_dx}, {}};

}  // namespace lineament
