// Convolutions and their gradients, and dense layers, which are convolutions of one pixel, as products of tiles (tile.h): pixels are
// gathered where they lie, filters read as they are. What runs where cuDNN and cuBLAS have nothing.
#include "kernels/cuda/add_slices.h"
#include "kernels/cuda/divisor.h"
#include "kernels/cuda/finish.h"
#include "kernels/cuda/pixel_grid.h"
#include "kernels/cuda/plain.h"
#include "kernels/cuda/tile.h"

namespace lineament {
namespace {

/// Index k of a filter's [taps, channels] apart, and of pixels.
struct Taps {
  Divisor channels, columns;  // channels of one tap, taps of one row

  struct Tap {
    int i, j, c;
  };
  __device__ Tap tap(int64_t k) const {
    const int64_t t = channels.quotient(k), i = columns.quotient(t);
    return {static_cast<int>(i), static_cast<int>(t - i * columns.divisor()),
            static_cast<int>(k - t * channels.divisor())};
  }
};
struct Places {
  Divisor columns, rows;  // of one picture

  struct Place {
    int n, h, w;
  };
  __device__ Place place(int64_t m) const {
    const int64_t line = columns.quotient(m), n = rows.quotient(line);
    return {static_cast<int>(n), static_cast<int>(line - n * rows.divisor()),
            static_cast<int>(m - line * columns.divisor())};
  }
};

/// x under the taps of a position: rows are positions, columns taps and channels.
template <class T>
struct Gathered {
  static constexpr bool kAlongK = true;
  using Row = Places::Place;
  Window f;
  Pixels<const T> x;
  Places places;
  Taps taps;

  Gathered(const Window& window, const Pixels<const T>& pictures)
      : f(window), x(pictures), places{Divisor(f.ow), Divisor(f.oh)}, taps{Divisor(x.c), Divisor(f.kw)} {}
  __device__ Row row(int64_t m) const { return places.place(m); }
  __device__ Taps::Tap column(int64_t k) const { return taps.tap(k); }
  __device__ float at(const Row& p, const Taps::Tap& t) const {
    const int h = p.h * f.stride - f.top + t.i, w = p.w * f.stride - f.left + t.j;
    return h < 0 || h >= x.h || w < 0 || w >= x.w ? 0.0f : static_cast<float>(x.at(p.n, h, w)[t.c]);
  }
};

/// The same turned: rows are taps and channels, columns positions.
template <class T>
struct GatheredTurned {
  static constexpr bool kAlongK = false;
  using Row = Taps::Tap;
  Gathered<T> gathered;

  __device__ Row row(int64_t m) const { return gathered.taps.tap(m); }
  __device__ Places::Place column(int64_t k) const { return gathered.places.place(k); }
  __device__ float at(const Row& t, const Places::Place& p) const { return gathered.at(p, t); }
};

/// dy at the positions over a pixel: rows are pixels of dx, columns taps and channels of dy.
template <class T>
struct Covering {
  static constexpr bool kAlongK = true;
  using Row = Places::Place;
  Window f;
  Pixels<const T> dy;
  Places places;
  Taps taps;

  Covering(const Window& window, const Pixels<const T>& upstream)
      : f(window), dy(upstream), places{Divisor(f.w), Divisor(f.h)}, taps{Divisor(dy.c), Divisor(f.kw)} {}
  __device__ Row row(int64_t m) const { return places.place(m); }
  __device__ Taps::Tap column(int64_t k) const { return taps.tap(k); }
  __device__ float at(const Row& p, const Taps::Tap& t) const {
    const int h = p.h + f.top - t.i, w = p.w + f.left - t.j;
    if (h < 0 || w < 0 || h % f.stride || w % f.stride) return 0.0f;
    const int oh = h / f.stride, ow = w / f.stride;
    return oh >= f.oh || ow >= f.ow ? 0.0f : static_cast<float>(dy.at(p.n, oh, ow)[t.c]);
  }
};

/// A matrix [k, n] as it lies.
template <class T>
struct Matrix {
  const T* data;
  int64_t columns;
  __device__ float at(int64_t k, int64_t n) const { return static_cast<float>(data[k * columns + n]); }
};

/// A filter [kh,kw,c,o] with k over taps and o, n over c.
struct TurnedFilter {
  const float* w;
  Divisor outputs;
  int64_t channels;
  __device__ float at(int64_t k, int64_t n) const {
    const int64_t tap = outputs.quotient(k);
    return w[(tap * channels + n) * outputs.divisor() + k - tap * outputs.divisor()];
  }
};

template <class T>
struct Finished {
  T* y;
  int64_t columns;
  DeviceFinish<T> finish;
  __device__ void put(unsigned, int64_t m, int64_t n, float sum) const {
    y[m * columns + n] = static_cast<T>(finish(sum, n, m * columns + n));
  }
};

/// What both kinds of layer are here.
template <class T>
struct Layer {
  Window f;
  Pixels<const T> x;  // or of x's shape
  int outputs;
};

template <class T>
void forward(const Call& call, const Layer<T>& l, Activation activation) {
  const TileShape shape(int64_t{l.x.n} * l.f.oh * l.f.ow, l.outputs, int64_t{l.f.taps()} * l.x.c);
  multiply_tiles(call, shape, Gathered<T>(l.f, l.x), Matrix<float>{call.in[1].as<float>(), l.outputs},
                 Finished<T>{call.out[0].as<T>(), l.outputs, device_finish_of<T>(call, activation)});
}

template <class T>
void backward(const Call& call, const Layer<T>& l, const Pixels<const T>& dy) {
  const TileShape shape(int64_t{l.x.n} * l.f.h * l.f.w, l.x.c, int64_t{l.f.taps()} * l.outputs);
  multiply_tiles(call, shape, Covering<T>(l.f, dy),
                 TurnedFilter{call.in[1].as<float>(), Divisor(l.outputs), l.x.c},
                 Finished<T>{call.out[0].as<T>(), l.x.c, {}});
}

TileShape weights_shape(const Window& f, int64_t n, int64_t c, int64_t o) {
  return sliced(f.taps() * c, o, n * f.oh * f.ow);
}

template <class T>
void weights(const Call& call, const Layer<T>& l) {
  const TileShape shape = weights_shape(l.f, l.x.n, l.x.c, l.outputs);
  float *dw = call.out[0].as<float>(), *partial = static_cast<float*>(call.workspace);
  const bool whole = shape.slices() == 1;
  multiply_tiles(call, shape, GatheredTurned<T>{Gathered<T>(l.f, l.x)},
                 Matrix<T>{call.in[1].as<T>(), l.outputs}, Partial{whole ? dw : partial, shape.m, shape.n});
  if (!whole) add_slices(call, partial, shape.slices(), shape.m * shape.n, dw);
}

/// [n, i] as pictures of one pixel.
constexpr Window kOnePixel{.h = 1, .w = 1, .kh = 1, .kw = 1, .stride = 1, .top = 0, .left = 0, .oh = 1, .ow = 1};
template <class T>
Pixels<const T> rows(const View& view) {
  return {view.as<T>(), static_cast<int>(view.shape()[0]), 1, 1, static_cast<int>(view.shape()[1])};
}

}  // namespace

void conv2d_plain(const Call& call) {
  const auto& f = call.params.as<Window>();
  by_storage(call.in[0], [&]<class T>(T) {
    const int outputs = static_cast<int>(call.in[1].shape()[3]);
    forward<T>(call, {f, read_pixels<T>(call.in[0]), outputs}, f.activation);
  });
}

void conv2d_dx_plain(const Call& call) {
  const auto& f = call.params.as<Window>();
  by_storage(call.in[0], [&]<class T>(T) {
    const auto dy = read_pixels<T>(call.in[0]);
    backward<T>(call, {f, read_pixels<T>(call.out[0]), dy.c}, dy);
  });
}

void conv2d_dw_plain(const Call& call) {
  const auto& f = call.params.as<Window>();
  by_storage(call.in[0], [&]<class T>(T) {
    weights<T>(call, {f, read_pixels<T>(call.in[0]), static_cast<int>(call.in[1].shape()[3])});
  });
}

size_t conv2d_dw_plain_workspace(std::span<const Desc> descs, const Params& params) {
  const auto& f = params.as<Window>();
  const Shape &x = descs[0].shape, &dy = descs[1].shape;
  const TileShape shape = weights_shape(f, x[0], x[3], dy[3]);
  return shape.slices() == 1 ? 0 : sliced_bytes(shape.m, shape.n, shape.k);
}

void dense_plain(const Call& call) {
  by_storage(call.in[0], [&]<class T>(T) {
    forward<T>(call, {kOnePixel, rows<T>(call.in[0]), static_cast<int>(call.in[1].shape()[1])}, Activation::none);
  });
}

void dense_dx_plain(const Call& call) {
  by_storage(call.in[0], [&]<class T>(T) {
    const auto dy = rows<T>(call.in[0]);
    backward<T>(call, {kOnePixel, rows<T>(call.out[0]), dy.c}, dy);
  });
}

void dense_dw_plain(const Call& call) {
  by_storage(call.in[0], [&]<class T>(T) {
    weights<T>(call, {kOnePixel, rows<T>(call.in[0]), static_cast<int>(call.in[1].shape()[1])});
  });
}

size_t dense_dw_plain_workspace(std::span<const Desc> descs, const Params&) {
  const Shape &x = descs[0].shape, &dy = descs[1].shape;
  const TileShape shape = weights_shape(kOnePixel, x[0], x[1], dy[1]);
  return shape.slices() == 1 ? 0 : sliced_bytes(shape.m, shape.n, shape.k);
}

}  // namespace lineament
