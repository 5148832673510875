// Zeros around each picture, and the gradient, which takes them off again.
#include "kernels/cuda/pixel_grid.h"
#include "kernels/cuda/spatial.h"
#include "kernels/spatial_ops.h"

namespace lineament {
namespace {

/// y(h, w) = x(h - top, w - left), zeros outside x.
template <class T, int V>
struct Shift {
  Pixels<const T> x;
  Pixels<T> y;
  int top, left;
  __device__ void operator()(const Pixel& at) const {
    store<V>(y.at(at.n, at.h, at.w) + at.c, load_inside<V>(x, at.n, at.h - top, at.w - left, at.c));
  }
};

void shift(const Call& call, int top, int left) {
  by_pack(call, call.in[0], call.in[0].shape()[3], [&]<class T, int V>(T, std::integral_constant<int, V>) {
    const auto y = pixels<T>(call.out[0]);
    each_pixel(call, {y.n, y.h, y.w, y.c, V}, Shift<T, V>{read_pixels<T>(call.in[0]), y, top, left});
  });
}

void run(const Call& call) {
  const auto& m = call.params.as<Margins>();
  shift(call, m.top, m.left);
}
void run_dx(const Call& call) {
  const auto& m = call.params.as<Margins>();
  shift(call, -m.top, -m.left);
}

}  // namespace

const Kernel zero_pad_cuda[] = {{"zero_pad.cuda", run}, {}};
const Kernel zero_pad_dx_cuda[] = {{"zero_pad_dx.cuda", run_dx}, {}};

}  // namespace lineament
