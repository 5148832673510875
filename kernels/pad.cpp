// y[n, h + top, w + left, c] = x[n,h,w,c], and zeros around it
#include <algorithm>

#include "kernels/cpu/spatial.h"
#include "kernels/cuda/spatial.h"
#include "kernels/pixels.h"
#include "kernels/spatial_ops.h"
#include "tensor/autograd.h"

namespace lineament {
namespace {

std::vector<Desc> shapes(std::span<const Desc> in, const Params& params) {
  const auto& m = params.as<Margins>();
  const Shape& x = in[0].shape;
  check_floats("zero_pad", in);
  check(x.rank() == 4, "zero_pad: x {}, expected [n, h, w, c]", to_string(x));
  check(std::min({m.top, m.bottom, m.left, m.right}) >= 0,
        "zero_pad: margins {} {} {} {}, expected none negative", m.top, m.bottom, m.left, m.right);
  return {{{x[0], m.top + x[1] + m.bottom, m.left + x[2] + m.right, x[3]}, in[0].dtype}};
}

std::vector<Desc> dx_shapes(std::span<const Desc> in, const Params& params) {
  const auto& m = params.as<Margins>();
  const Shape& dy = in[0].shape;
  check_floats("zero_pad_dx", in);
  return {{{dy[0], dy[1] - m.top - m.bottom, dy[2] - m.left - m.right, dy[3]}, in[0].dtype}};
}

void grad(Grad& g) { g.set(0, g.graph().apply1(zero_pad_dx_op, {g.dy()}, g.params<Margins>())); }

void reference(const Call& call) {
  by_float(call, [&]<class T>(T) {
    const auto& m = call.params.as<Margins>();
    auto x = pixels<T>(call.in[0]), y = pixels<T>(call.out[0]);
    std::ranges::fill(call.out[0].span<T>(), T{0});
    for (int n = 0; n < x.n; ++n)
      for (int h = 0; h < x.h; ++h) std::copy_n(x.at(n, h, 0), x.w * x.c, y.at(n, h + m.top, m.left));
  });
}

void reference_dx(const Call& call) {
  by_float(call, [&]<class T>(T) {
    const auto& m = call.params.as<Margins>();
    auto dy = pixels<T>(call.in[0]), dx = pixels<T>(call.out[0]);
    for (int n = 0; n < dx.n; ++n)
      for (int h = 0; h < dx.h; ++h) std::copy_n(dy.at(n, h + m.top, m.left), dx.w * dx.c, dx.at(n, h, 0));
  });
}

const Kernel zero_pad_cpu[] = {LINEAMENT_SIMD("zero_pad.cpu", zero_pad_rows, anything, no_workspace),
                               {"zero_pad.cpu.reference", reference},
                               {}};
const Kernel zero_pad_dx_cpu[] = {LINEAMENT_SIMD("zero_pad_dx.cpu", zero_pad_dx_rows, anything, no_workspace),
                                  {"zero_pad_dx.cpu.reference", reference_dx},
                                  {}};

}  // namespace

const Op zero_pad_op = {.name = "zero_pad",
                        .shapes = shapes,
                        .grad = grad,
                        .cpu = zero_pad_cpu,
                        .cuda = zero_pad_cuda,
                        .narrow_in = 1,
                        .narrow_out = 1};
const Op zero_pad_dx_op = {.name = "zero_pad_dx",
                           .shapes = dx_shapes,
                           .grad = nullptr,
                           .cpu = zero_pad_dx_cpu,
                           .cuda = zero_pad_dx_cuda,
                           .narrow_in = 1,
                           .narrow_out = 1};

Value zero_pad(Value x, const Padding& padding) {
  check(padding.kind == Padding::kGiven, "zero_pad: padding by a rule, expected Padding::given");
  return x.graph->apply1(zero_pad_op, {x}, Margins{padding.top, padding.bottom, padding.left, padding.right});
}

}  // namespace lineament
