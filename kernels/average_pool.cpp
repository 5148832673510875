// y[n,oh,ow,c] = mean over i j inside the picture of x[n, oh s + i - top, ow s + j - left, c]
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
  check_floats("average_pool", in);
  check_shape("average_pool", "x", in[0], {x[0], f.h, f.w, x[3]});
  check(f.top < f.kh && f.left < f.kw && f.bottom() < f.kh && f.right() < f.kw,
        "average_pool: a window of {}x{} that sees padding alone has no mean", f.kh, f.kw);
  return {{{x[0], f.oh, f.ow, x[3]}, in[0].dtype}};
}

std::vector<Desc> dx_shapes(std::span<const Desc> in, const Params& params) {
  const auto& f = params.as<Window>();
  const Shape& dy = in[0].shape;
  check_shape("average_pool_dx", "dy", in[0], {dy[0], f.oh, f.ow, dy[3]});
  return {{{dy[0], f.h, f.w, dy[3]}, in[0].dtype}};
}

void grad(Grad& g) { g.set(0, g.graph().apply1(average_pool_dx_op, {g.dy()}, g.params<Window>())); }

void reference(const Call& call) {
  by_float(call, [&]<class T>(T) {
    const auto& f = call.params.as<Window>();
    auto x = pixels<T>(call.in[0]), y = pixels<T>(call.out[0]);
    for (int n = 0; n < y.n; ++n)
      for (int oh = 0; oh < y.h; ++oh)
        for (int ow = 0; ow < y.w; ++ow)
          for (int c = 0; c < y.c; ++c) {
            int top = oh * f.stride - f.top, left = ow * f.stride - f.left;
            auto [i0, i1] = taps_inside(top, f.kh, f.h);
            auto [j0, j1] = taps_inside(left, f.kw, f.w);
            double sum = 0;
            for (int i = i0; i < i1; ++i)
              for (int j = j0; j < j1; ++j) sum += x.at(n, top + i, left + j)[c];
            y.at(n, oh, ow)[c] = static_cast<T>(sum / ((i1 - i0) * (j1 - j0)));
          }
  });
}

// dx[n,h,w,c] = sum over the positions that cover (h, w) of dy[n,oh,ow,c] / pixels that position sees
void reference_dx(const Call& call) {
  by_float(call, [&]<class T>(T) {
    const auto& f = call.params.as<Window>();
    auto dy = pixels<T>(call.in[0]), dx = pixels<T>(call.out[0]);
    for (int n = 0; n < dx.n; ++n)
      for (int h = 0; h < dx.h; ++h)
        for (int v = 0; v < dx.w; ++v)
          for (int c = 0; c < dx.c; ++c) {
            auto [oh0, oh1] = positions_over(h, f.top, f.kh, f.stride, f.oh);
            auto [ow0, ow1] = positions_over(v, f.left, f.kw, f.stride, f.ow);
            double sum = 0;
            for (int oh = oh0; oh < oh1; ++oh)
              for (int ow = ow0; ow < ow1; ++ow) {
                auto [i0, i1] = taps_inside(oh * f.stride - f.top, f.kh, f.h);
                auto [j0, j1] = taps_inside(ow * f.stride - f.left, f.kw, f.w);
                sum += double{dy.at(n, oh, ow)[c]} / ((i1 - i0) * (j1 - j0));
              }
            dx.at(n, h, v)[c] = static_cast<T>(sum);
          }
  });
}

const Kernel average_pool_cpu[] = {
    LINEAMENT_SIMD("average_pool.cpu", average_pool_vector, anything, no_workspace),
    {"average_pool.cpu.reference", reference},
    {}};
const Kernel average_pool_dx_cpu[] = {
    LINEAMENT_SIMD("average_pool_dx.cpu", average_pool_dx_vector, anything, no_workspace),
    {"average_pool_dx.cpu.reference", reference_dx},
    {}};

}  // namespace

const Op average_pool_op = {.name = "average_pool",
                            .shapes = shapes,
                            .grad = grad,
                            .cpu = average_pool_cpu,
                            .cuda = average_pool_cuda,
                            .narrow_in = 1,
                            .narrow_out = 1};
const Op average_pool_dx_op = {.name = "average_pool_dx",
                               .shapes = dx_shapes,
                               .grad = nullptr,
                               .cpu = average_pool_dx_cpu,
                               .cuda = average_pool_dx_cuda,
                               .narrow_in = 1,
                               .narrow_out = 1};

Value average_pool(Value x, const PoolOptions& options) {
  Window window =
      window_over("average_pool", x.shape(), options.size, options.size, options.stride, options.padding);
  return x.graph->apply1(average_pool_op, {x}, window);
}

}  // namespace lineament
