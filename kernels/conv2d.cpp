// y[n,oh,ow,o] = bias[o] + sum over i j c of x[n, oh s + i - top, ow s + j - left, c] w[i,j,c,o]
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
  const Shape &x = in[0].shape, &w = in[1].shape;
  check_floats("conv2d", in);
  check_shape("conv2d", "x", in[0], {x[0], f.h, f.w, w[2]});
  check_shape("conv2d", "w", in[1], {f.kh, f.kw, w[2], w[3]});
  if (in.size() > 2) check_shape("conv2d", "bias", in[2], {w[3]});
  if (in.size() > 3) check_shape("conv2d", "scale", in[3], {w[3]});
  if (in.size() > 4) check_shape("conv2d", "residual", in[4], {x[0], f.oh, f.ow, w[3]});
  return {{{x[0], f.oh, f.ow, w[3]}, in[0].dtype}};
}

std::vector<Desc> dx_shapes(std::span<const Desc> in, const Params& params) {
  const auto& f = params.as<Window>();
  const Shape &dy = in[0].shape, &w = in[1].shape;
  check_floats("conv2d_dx", in);
  check_shape("conv2d_dx", "dy", in[0], {dy[0], f.oh, f.ow, w[3]});
  return {{{dy[0], f.h, f.w, w[2]}, in[0].dtype}};
}

std::vector<Desc> dw_shapes(std::span<const Desc> in, const Params& params) {
  const auto& f = params.as<Window>();
  const Shape &x = in[0].shape, &dy = in[1].shape;
  check_floats("conv2d_dw", in);
  check_shape("conv2d_dw", "dy", in[1], {x[0], f.oh, f.ow, dy[3]});
  return {{{f.kh, f.kw, x[3], dy[3]}, in[0].dtype}};
}

void grad(Grad& g) {
  Window f = g.params<Window>();
  const Value dy = convolution_dy(g, std::exchange(f.activation, Activation::none));
  if (g.needs(0)) g.set(0, g.graph().apply1(conv2d_dx_op, {dy, g.in(1)}, f));
  if (g.needs(1)) g.set(1, g.graph().apply1(conv2d_dw_op, {g.in(0), dy}, f));
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
          for (int o = 0; o < y.c; ++o) {
            int top = oh * f.stride - f.top, left = ow * f.stride - f.left;
            auto [i0, i1] = taps_inside(top, f.kh, f.h);
            auto [j0, j1] = taps_inside(left, f.kw, f.w);
            double sum = 0;
            for (int i = i0; i < i1; ++i)
              for (int j = j0; j < j1; ++j)
                for (int c = 0; c < x.c; ++c) sum += double{x.at(n, top + i, left + j)[c]} * w.at(i, j, c)[o];
            y.at(n, oh, ow)[o] = finish(sum, o, y.at(n, oh, ow) + o - y.data);
          }
  });
}

// dx[n,h,w,c] = sum over the positions (oh, ow) that cover (h, w), and o, of dy[n,oh,ow,o] w[h + top - oh s,
// ..., c, o]
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
              for (int ow = ow0; ow < ow1; ++ow) {
                const T* taps = w.at(h + f.top - oh * f.stride, v + f.left - ow * f.stride, c);
                for (int o = 0; o < dy.c; ++o) sum += double{dy.at(n, oh, ow)[o]} * taps[o];
              }
            dx.at(n, h, v)[c] = static_cast<T>(sum);
          }
  });
}

// dw[i,j,c,o] = sum over n oh ow of x[n, oh s + i - top, ow s + j - left, c] dy[n,oh,ow,o]
void reference_dw(const Call& call) {
  by_float(call, [&]<class T>(T) {
    const auto& f = call.params.as<Window>();
    auto x = pixels<T>(call.in[0]), dy = pixels<T>(call.in[1]), dw = pixels<T>(call.out[0]);
    for (int i = 0; i < f.kh; ++i)
      for (int j = 0; j < f.kw; ++j)
        for (int c = 0; c < x.c; ++c)
          for (int o = 0; o < dy.c; ++o) {
            double sum = 0;
            for (int n = 0; n < dy.n; ++n)
              for (int oh = 0; oh < dy.h; ++oh)
                for (int ow = 0; ow < dy.w; ++ow) {
                  int h = oh * f.stride + i - f.top, v = ow * f.stride + j - f.left;
                  if (h < 0 || h >= f.h || v < 0 || v >= f.w) continue;
                  sum += double{x.at(n, h, v)[c]} * dy.at(n, oh, ow)[o];
                }
            dw.at(i, j, c)[o] = static_cast<T>(sum);
          }
  });
}

// clang-format off
const Kernel conv2d_cpu[] = {
    LINEAMENT_AVX_PACKED("conv2d.cpu.winograd_4x4", conv2d_winograd_4x4, conv2d_winograd_4x4_supports, conv2d_winograd_4x4_workspace, conv2d_winograd_4x4_packed, conv2d_winograd_4x4_pack)
    LINEAMENT_AVX_PACKED("conv2d.cpu.winograd_3x3", conv2d_winograd_3x3, conv2d_winograd_3x3_supports, conv2d_winograd_3x3_workspace, conv2d_winograd_3x3_packed, conv2d_winograd_3x3_pack)
    LINEAMENT_AVX("conv2d.cpu.grey", conv2d_grey, conv2d_grey_supports, no_workspace)
    LINEAMENT_AVX("conv2d.cpu.rows_tile", conv2d_rows_tile, conv2d_rows_tile_supports, conv2d_rows_tile_workspace)
    LINEAMENT_SIMD("conv2d.cpu.direct", conv2d_direct, conv2d_direct_supports, conv2d_direct_workspace),
    LINEAMENT_AVX_PACKED("conv2d.cpu.tile", conv2d_tile, conv2d_tile_supports, conv2d_tile_workspace, conv2d_tile_packed, conv2d_tile_pack)
    {"conv2d.cpu.gemm_1x1", conv2d_gemm_1x1, conv2d_is_1x1},
    {"conv2d.cpu.gemm", conv2d_gemm, all_f32, conv2d_gemm_workspace},
    {"conv2d.cpu.reference", reference},
    {}};
const Kernel conv2d_dx_cpu[] = {
    LINEAMENT_AVX("conv2d_dx.cpu.winograd_4x4", conv2d_dx_winograd_4x4, conv2d_winograd_4x4_supports, conv2d_winograd_4x4_workspace)
    LINEAMENT_AVX("conv2d_dx.cpu.winograd_3x3", conv2d_dx_winograd_3x3, conv2d_winograd_3x3_supports, conv2d_winograd_3x3_workspace)
    LINEAMENT_AVX("conv2d_dx.cpu.columns", conv2d_dx_columns, conv2d_dx_columns_supports, conv2d_dx_columns_workspace)
    LINEAMENT_AVX("conv2d_dx.cpu.tile", conv2d_dx_tile, conv2d_tile_supports, conv2d_dx_tile_workspace)
    {"conv2d_dx.cpu.gemm_1x1", conv2d_dx_gemm_1x1, conv2d_is_1x1},
    {"conv2d_dx.cpu.gemm", conv2d_dx_gemm, all_f32, conv2d_dx_gemm_workspace},
    {"conv2d_dx.cpu.reference", reference_dx},
    {}};
const Kernel conv2d_dw_cpu[] = {
    LINEAMENT_AVX("conv2d_dw.cpu.winograd_4x4", conv2d_dw_winograd_4x4, conv2d_dw_winograd_4x4_supports, conv2d_dw_winograd_4x4_workspace)
    LINEAMENT_AVX("conv2d_dw.cpu.winograd_3x3", conv2d_dw_winograd_3x3, conv2d_dw_winograd_3x3_supports, conv2d_dw_winograd_3x3_workspace)
    LINEAMENT_AVX("conv2d_dw.cpu.grey", conv2d_dw_grey, conv2d_grey_supports, conv2d_dw_grey_workspace)
    LINEAMENT_AVX("conv2d_dw.cpu.tile", conv2d_dw_tile, anything, conv2d_dw_tile_workspace)
    {"conv2d_dw.cpu.gemm", conv2d_dw_gemm, all_f32, conv2d_dw_gemm_workspace},
    {"conv2d_dw.cpu.reference", reference_dw},
    {}};
// clang-format on

}  // namespace

const Op conv2d_op = {.name = "conv2d",
                      .shapes = shapes,
                      .grad = grad,
                      .cpu = conv2d_cpu,
                      .cuda = conv2d_cuda,
                      .narrow_in = 0b10001,
                      .narrow_out = 1};
const Op conv2d_dx_op = {.name = "conv2d_dx",
                         .shapes = dx_shapes,
                         .grad = nullptr,
                         .cpu = conv2d_dx_cpu,
                         .cuda = conv2d_dx_cuda,
                         .narrow_in = 1,
                         .narrow_out = 1};
const Op conv2d_dw_op = {.name = "conv2d_dw",
                         .shapes = dw_shapes,
                         .grad = nullptr,
                         .cpu = conv2d_dw_cpu,
                         .cuda = conv2d_dw_cuda,
                         .narrow_in = 0b11};

Value conv2d(Value x, Value w, Value bias, const Conv2dOptions& options) {
  const Shape& filter = w.shape();
  check(filter.rank() == 4, "conv2d: w {}, expected [kh, kw, c, o]", to_string(filter));
  Window window = window_over("conv2d", x.shape(), static_cast<int>(filter[0]), static_cast<int>(filter[1]),
                              options.stride, options.padding);
  window.activation = options.activation;
  std::vector<Value> in = {x, w};
  if (bias) in.push_back(bias);
  return x.graph->apply1(conv2d_op, in, window);
}

}  // namespace lineament
