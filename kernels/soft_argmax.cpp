// Where a map is high: p[i,j] = softmax over h w of x[n,i,j,c], y[n,2c] = sum of p (left + step j), y[n,2c+1] = sum of
// p (top + step i). Integral regression, arXiv:1711.08229.
#include <algorithm>

#include "kernels/cpu/spatial.h"
#include "kernels/cuda/spatial.h"
#include "kernels/formulas.h"
#include "kernels/pixels.h"
#include "kernels/spatial_ops.h"
#include "tensor/autograd.h"

namespace lineament {
namespace {

// dx[n,i,j,c] = p ((left + step j - y[n,2c]) dy[n,2c] + (top + step i - y[n,2c+1]) dy[n,2c+1])

std::vector<Desc> shapes(std::span<const Desc> in, const Params&) {
  check_floats("soft_argmax", in);
  check(in[0].shape.rank() == 4, "soft_argmax: x {}, expected [n,h,w,c]", to_string(in[0]));
  const Shape& x = in[0].shape;
  return {{{x[0], 2 * x[3]}, in[0].dtype}, {{x[0], 2 * x[3]}, in[0].dtype}};
}

std::vector<Desc> dx_shapes(std::span<const Desc> in, const Params&) {
  check(in[1] == in[2] && in[2] == in[3], "soft_argmax_dx: y {}, peak {}, dy {}, expected three of one shape", to_string(in[1]),
        to_string(in[2]), to_string(in[3]));
  return {in[0]};
}

void grad(Grad& g) {
  if (g.needs(0)) g.set(0, g.graph().apply1(soft_argmax_dx_op, {g.in(0), g.out(0), g.out(1), g.dy()}, g.params<MapGrid>()));
}

// The largest x comes off first, so that no e^x overflows.
void reference(const Call& call) {
  by_float(call, [&]<class T>(T) {
    const auto& grid = call.params.as<MapGrid>();
    const auto x = pixels<T>(call.in[0]);
    T *y = call.out[0].as<T>(), *peak = call.out[1].as<T>();
    for (int n = 0; n < x.n; ++n)
      for (int c = 0; c < x.c; ++c) {
        const size_t at = 2 * (static_cast<size_t>(n) * x.c + c);
        T largest = x.at(n, 0, 0)[c];
        for (int i = 0; i < x.h; ++i)
          for (int j = 0; j < x.w; ++j) largest = largest < x.at(n, i, j)[c] ? x.at(n, i, j)[c] : largest;
        double sum = 0, across = 0, down = 0;
        for (int i = 0; i < x.h; ++i)
          for (int j = 0; j < x.w; ++j) {
            const double e = exponential(x.at(n, i, j)[c] - largest);
            sum += e, across += e * j, down += e * i;
          }
        y[at] = static_cast<T>(grid.left + grid.step * across / sum);
        y[at + 1] = static_cast<T>(grid.top + grid.step * down / sum);
        peak[at] = largest;
        peak[at + 1] = static_cast<T>(1 / sum);
      }
  });
}

void reference_dx(const Call& call) {
  by_float(call, [&]<class T>(T) {
    const auto& grid = call.params.as<MapGrid>();
    const auto x = pixels<T>(call.in[0]), dx = pixels<T>(call.out[0]);
    const T *y = call.in[1].as<T>(), *peak = call.in[2].as<T>(), *dy = call.in[3].as<T>();
    for (int n = 0; n < x.n; ++n)
      for (int i = 0; i < x.h; ++i)
        for (int j = 0; j < x.w; ++j)
          for (int c = 0; c < x.c; ++c) {
            const size_t at = 2 * (static_cast<size_t>(n) * x.c + c);
            const T p = exponential(x.at(n, i, j)[c] - peak[at]) * peak[at + 1];
            const T across = static_cast<T>(grid.left) + static_cast<T>(grid.step) * static_cast<T>(j) - y[at],
                    down = static_cast<T>(grid.top) + static_cast<T>(grid.step) * static_cast<T>(i) - y[at + 1];
            dx.at(n, i, j)[c] = p * (across * dy[at] + down * dy[at + 1]);
          }
  });
}

const Kernel soft_argmax_cpu[] = {LINEAMENT_SIMD("soft_argmax.cpu", soft_argmax_vector, anything, no_workspace),
                                  {"soft_argmax.cpu.reference", reference},
                                  {}};
const Kernel soft_argmax_dx_cpu[] = {LINEAMENT_SIMD("soft_argmax_dx.cpu", soft_argmax_dx_vector, anything, no_workspace),
                                     {"soft_argmax_dx.cpu.reference", reference_dx},
                                     {}};

}  // namespace

// out y, peak: for each map its largest value and 1 / sum of e^(x - that)
const Op soft_argmax_op = {
    .name = "soft_argmax", .shapes = shapes, .grad = grad, .cpu = soft_argmax_cpu, .cuda = soft_argmax_cuda};
const Op soft_argmax_dx_op = {.name = "soft_argmax_dx",
                              .shapes = dx_shapes,
                              .grad = nullptr,
                              .cpu = soft_argmax_dx_cpu,
                              .cuda = soft_argmax_dx_cuda,
                              .inplace = 0};

Value soft_argmax(Value x, const MapGrid& grid) { return x.graph->apply1(soft_argmax_op, {x}, grid); }

}  // namespace lineament
