// y[n,oh,ow,c] = bias[c] + sum over i j of x[n, oh s + i - top, ow s + j - left, c] w[i,j,c,0]
#include "kernels/cpu/spatial.h"
#include "kernels/cuda/spatial.h"
#include "kernels/finish.h"
#include "kernels/pixels.h"
#include "kernels/spatial_ops.h"
#include "tensor/autograd.h"

namespace lineament {
namespace {

std::vector<Desc> shapes(std::span<const Desc> in, const Params& params) {
  const auto& f = params.as<Window>();
  const Shape& x = in[0].shape;
  check_floats("depthwise_conv2d", in);
  check_shape("depthwise_conv2d", "x", in[0], {x[0], f.h, f.w, x[3]});
  check_shape("depthwise_conv2d", "w", in[1], {f.kh, f.kw, x[3], 1});
  if (in.size() > 2) check_shape("depthwise_conv2d", "bias", in[2], {x[3]});
  if (in.size() > 3) check_shape("depthwise_conv2d", "scale", in[3], {x[3]});
  if (in.size() > 4) check_shape("depthwise_conv2d", "residual", in[4], {x[0], f.oh, f.ow, x[3]});
  return {{{x[0], f.oh, f.ow, x[3]}, in[0].dtype}};
}

std::vector<Desc> dx_shapes(std::span<const Desc> in, const Params& params) {
  const auto& f = params.as<Window>();
  const Shape &dy = in[0].shape, &w = in[1].shape;
  check_floats("depthwise_conv2d_dx", in);
  check_shape("depthwise_conv2d_dx", "dy", in[0], {dy[0], f.oh, f.ow, w[2]});
  return {{{dy[0], f.h, f.w, w[2]}, in[0].dtype}};
}

std::vector<Desc> dw_shapes(std::span<const Desc> in, const Params& params) {
  const auto& f = params.as<Window>();
  const Shape& x = in[0].shape;
  check_floats("depthwise_conv2d_dw", in);
  check_shape("depthwise_conv2d_dw", "dy", in[1], {x[0], f.oh, f.ow, x[3]});
  return {{{f.kh, f.kw, x[3], 1}, in[0].dtype}};
}

void grad(Grad& g) {
  Window f = g.params<Window>();
  const Value dy = convolution_dy(g, std::exchange(f.activation, Activation::none));
  if (g.needs(0)) g.set(0, g.graph().apply1(depthwise_conv2d_dx_op, {dy, g.in(1)}, f));
  if (g.needs(1)) g.set(1, g.graph().apply1(depthwise_conv2d_dw_op, {g.in(0), dy}, f));
  if (g.inputs() > 2 && g.needs(2)) g.set(2, bias_gradient(g.graph(), dy));
}

void reference(const Call& call) {
  by_float(call, [&]<class T>(T) {
    const auto& f = call.params.as<Window>();
    auto x = pixels<T>(call.in[0]), w = pixels<T>(call.in[1]), y = pixels<T>(call.out[0]);
    const Finish<T> finish = finish_of<T>(call);
    for (int n = 0; n < y.n; ++n)
      for (int oh = 0; oh < y.h; ++oh)
        for (int ow = 0; ow < y.w; ++ow)
          for (int c = 0; c < y.c; ++c) {
            int top = oh * f.stride - f.top, left = ow * f.stride - f.left;
            auto [i0, i1] = taps_inside(top, f.kh, f.h);
            auto [j0, j1] = taps_inside(left, f.kw, f.w);
            double sum = 0;
            for (int i = i0; i < i1; ++i)
              for (int j = j0; j < j1; ++j) sum += double{x.at(n, top + i, left + j)[c]} * *w.at(i, j, c);
            y.at(n, oh, ow)[c] = finish(sum, c, y.at(n, oh, ow) + c - y.data);
          }
  });
}

// dx[n,h,w,c] = sum over the positions (oh, ow) that cover (h, w)
// of dy[n,oh,ow,c] w[h + top - oh s, ..., c, 0]
void reference_dx(const Call& call) {
  by_float(call, [&]<class T>(T) {
    const auto& f = call.params.as<Window>();
    auto dy = pixels<T>(call.in[0]), w = pixels<T>(call.in[1]), dx = pixels<T>(call.out[0]);
    for (int n = 0; n < dx.n; ++n)
      for (int h = 0; h < dx.h; ++h)
        for (int v = 0; v < dx.w; ++v)
          for (int c = 0; c < dx.c; ++c) {
            auto [oh0, oh1] = positions_over(h, f.top, f.kh, f.stride, f.oh);
            auto [ow0, ow1] = positions_over(v, f.left, f.kw, f.stride, f.ow);
            double sum = 0;
            for (int oh = oh0; oh < oh1; ++oh)
              for (int ow = ow0; ow < ow1; ++ow)
                sum += double{dy.at(n, oh, ow)[c]} *
                       *w.at(h + f.top - oh * f.stride, v + f.left - ow * f.stride, c);
            dx.at(n, h, v)[c] = static_cast<T>(sum);
          }
  });
}

// dw[i,j,c,0] = sum over n oh ow of x[n, oh s + i - top, ow s + j - left, c] dy[n,oh,ow,c]
void reference_dw(const Call& call) {
  by_float(call, [&]<class T>(T) {
    const auto& f = call.params.as<Window>();
    auto x = pixels<T>(call.in[0]), dy = pixels<T>(call.in[1]), dw = pixels<T>(call.out[0]);
    for (int i = 0; i < f.kh; ++i)
      for (int j = 0; j < f.kw; ++j)
        for (int c = 0; c < x.c; ++c) {
          double sum = 0;
          for (int n = 0; n < dy.n; ++n)
            for (int oh = 0; oh < dy.h; ++oh)
              for (int ow = 0; ow < dy.w; ++ow) {
                int h = oh * f.stride + i - f.top, v = ow * f.stride + j - f.left;
                if (h < 0 || h >= f.h || v < 0 || v >= f.w) continue;
                sum += double{x.at(n, h, v)[c]} * dy.at(n, oh, ow)[c];
              }
          *dw.at(i, j, c) = static_cast<T>(sum);
        }
  });
}

const Kernel depthwise_conv2d_cpu[] = {
    LINEAMENT_SIMD("depthwise_conv2d.cpu.tiles", depthwise_conv2d_tiles, depthwise_conv2d_tiles_supports,
                   no_workspace),
    LINEAMENT_SIMD("depthwise_conv2d.cpu.direct", depthwise_conv2d_direct, anything, no_workspace),
    {"depthwise_conv2d.cpu.reference", reference},
    {}};
const Kernel depthwise_conv2d_dx_cpu[] = {
    LINEAMENT_SIMD("depthwise_conv2d_dx.cpu.tiles", depthwise_conv2d_dx_tiles,
                   depthwise_conv2d_tiles_supports, no_workspace),
    LINEAMENT_SIMD("depthwise_conv2d_dx.cpu.direct", depthwise_conv2d_dx_direct, anything, no_workspace),
    {"depthwise_conv2d_dx.cpu.reference", reference_dx},
    {}};
const Kernel depthwise_conv2d_dw_cpu[] = {
    LINEAMENT_SIMD("depthwise_conv2d_dw.cpu.tiles", depthwise_conv2d_dw_tiles,
                   depthwise_conv2d_tiles_supports, depthwise_conv2d_dw_tiles_workspace),
    LINEAMENT_SIMD("depthwise_conv2d_dw.cpu.direct", depthwise_conv2d_dw_direct, anything,
                   depthwise_conv2d_dw_workspace),
    {"depthwise_conv2d_dw.cpu.reference", reference_dw},
    {}};

}  // namespace

const Op depthwise_conv2d_op = {.name = "depthwise_conv2d",
                                .shapes = shapes,
                                .grad = grad,
                                .cpu = depthwise_conv2d_cpu,
                                .cuda = depthwise_conv2d_cuda,
                                .narrow_in = 0b10001,
                                .narrow_out = 1};
const Op depthwise_conv2d_dx_op = {.name = "depthwise_conv2d_dx",
                                   .shapes = dx_shapes,
                                   .grad = nullptr,
                                   .cpu = depthwise_conv2d_dx_cpu,
                                   .cuda = depthwise_conv2d_dx_cuda,
                                   .narrow_in = 1,
                                   .narrow_out = 1};
const Op depthwise_conv2d_dw_op = {.name = "depthwise_conv2d_dw",
                                   .shapes = dw_shapes,
                                   .grad = nullptr,
                                   .cpu = depthwise_conv2d_dw_cpu,
                                   .cuda = depthwise_conv2d_dw_cuda,
                                   .narrow_in = 0b11};

Value depthwise_conv2d(Value x, Value w, Value bias, const Conv2dOptions& options) {
  const Shape& filter = w.shape();
  check(filter.rank() == 4, "depthwise_conv2d: w {}, expected [kh, kw, c, 1]", to_string(filter));
  Window window = window_over("depthwise_conv2d", x.shape(), static_cast<int>(filter[0]),
                              static_cast<int>(filter[1]), options.stride, options.padding);
  window.activation = options.activation;
  std::vector<Value> in = {x, w};
  if (bias) in.push_back(bias);
  return x.graph->apply1(depthwise_conv2d_op, in, window);
}

}  // namespace lineament
