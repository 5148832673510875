// y[n,oh,ow,c] = max over i j inside the picture of x[n, oh s + i - top,
// ow s + j - left, c]; the first of equals wins
#include "kernels/cpu/spatial.h"
#include "kernels/cuda/spatial.h"
#include "kernels/pixels.h"
#include "kernels/spatial_ops.h"
#include "tensor/autograd.h"

namespace lineament {
namespace {

std::vector<Desc> shapes(std::span<const Desc> in, const Params& params) {
  const auto& f = params.as<Window>();
  const Shape& x = in[0].shape;
  check_floats("max_pool", in);
  check_shape("max_pool", "x", in[0], {x[0], f.h, f.w, x[3]});
  check(f.taps() <= 256, "max_pool: {}x{} taps, at most 256 are told apart", f.kh, f.kw);
  check(f.top < f.kh && f.left < f.kw && f.bottom() < f.kh && f.right() < f.kw,
        "max_pool: a window of {}x{} that sees padding alone has no maximum", f.kh, f.kw);
  Shape y = {x[0], f.oh, f.ow, x[3]};
  return {{y, in[0].dtype}, {y, DType::u8}};
}

std::vector<Desc> dx_shapes(std::span<const Desc> in, const Params& params) {
  const auto& f = params.as<Window>();
  const Shape& dy = in[0].shape;
  check_shape("max_pool_dx", "dy", in[0], {dy[0], f.oh, f.ow, dy[3]});
  check_shape("max_pool_dx", "argmax", in[1], dy);
  return {{{dy[0], f.h, f.w, dy[3]}, in[0].dtype}};
}

void grad(Grad& g) { g.set(0, g.graph().apply1(max_pool_dx_op, {g.dy(), g.out(1)}, g.params<Window>())); }

void reference(const Call& call) {
  by_float(call, [&]<class T>(T) {
    const auto& f = call.params.as<Window>();
    auto x = pixels<T>(call.in[0]), y = pixels<T>(call.out[0]);
    auto argmax = pixels<uint8_t>(call.out[1]);
    for (int n = 0; n < y.n; ++n)
      for (int oh = 0; oh < y.h; ++oh)
        for (int ow = 0; ow < y.w; ++ow)
          for (int c = 0; c < y.c; ++c) {
            int top = oh * f.stride - f.top, left = ow * f.stride - f.left;
            auto [i0, i1] = taps_inside(top, f.kh, f.h);
            auto [j0, j1] = taps_inside(left, f.kw, f.w);
            int best = i0 * f.kw + j0;
            T most = x.at(n, top + i0, left + j0)[c];
            for (int i = i0; i < i1; ++i)
              for (int j = j0; j < j1; ++j) {
                T value = x.at(n, top + i, left + j)[c];
                if (value > most || value != value) {  // a NaN must not be lost
                  most = value;
                  best = i * f.kw + j;
                }
              }
            y.at(n, oh, ow)[c] = most;
            argmax.at(n, oh, ow)[c] = static_cast<uint8_t>(best);
          }
  });
}

// dx[n,h,w,c] = sum of dy[n,oh,ow,c] over the positions whose maximum stood at (h, w)
void reference_dx(const Call& call) {
  by_float(call, [&]<class T>(T) {
    const auto& f = call.params.as<Window>();
    auto dy = pixels<T>(call.in[0]), dx = pixels<T>(call.out[0]);
    auto argmax = pixels<uint8_t>(call.in[1]);
    std::ranges::fill(call.out[0].span<T>(), T{0});
    for (int n = 0; n < dy.n; ++n)
      for (int oh = 0; oh < dy.h; ++oh)
        for (int ow = 0; ow < dy.w; ++ow)
          for (int c = 0; c < dy.c; ++c) {
            int tap = argmax.at(n, oh, ow)[c];
            int h = oh * f.stride - f.top + tap / f.kw, v = ow * f.stride - f.left + tap % f.kw;
            dx.at(n, h, v)[c] += dy.at(n, oh, ow)[c];
          }
  });
}

const Kernel max_pool_cpu[] = {LINEAMENT_SIMD("max_pool.cpu", max_pool_vector, anything, no_workspace),
                               {"max_pool.cpu.reference", reference},
                               {}};
const Kernel max_pool_dx_cpu[] = {
    LINEAMENT_SIMD("max_pool_dx.cpu", max_pool_dx_vector, anything, no_workspace),
    {"max_pool_dx.cpu.reference", reference_dx},
    {}};

}  // namespace

const Op max_pool_op = {.name = "max_pool",
                        .shapes = shapes,
                        .grad = grad,
                        .cpu = max_pool_cpu,
                        .cuda = max_pool_cuda,
                        .narrow_in = 1,
                        .narrow_out = 1};
const Op max_pool_dx_op = {.name = "max_pool_dx",
                           .shapes = dx_shapes,
                           .grad = nullptr,
                           .cpu = max_pool_dx_cpu,
                           .cuda = max_pool_dx_cuda,
                           .narrow_in = 1,
                           .narrow_out = 1};

Value max_pool(Value x, const PoolOptions& options) {
  Window window =
      window_over("max_pool", x.shape(), options.size, options.size, options.stride, options.padding);
  return x.graph->apply1(max_pool_op, {x}, window);
}

}  // namespace lineament
