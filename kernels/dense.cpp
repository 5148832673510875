// y[n,o] = bias[o] + sum over i of x[n,i] w[i,o]
#include "kernels/cpu/spatial.h"
#include "kernels/cuda/spatial.h"
#include "kernels/pixels.h"
#include "kernels/spatial_ops.h"
#include "tensor/autograd.h"

namespace lineament {
namespace {

std::vector<Desc> shapes(std::span<const Desc> in, const Params&) {
  const Shape &x = in[0].shape, &w = in[1].shape;
  check_floats("dense", in);
  check(x.rank() == 2 && w.rank() == 2 && x[1] == w[0], "dense: x {}, w {}, expected [n, i] and [i, o]",
        to_string(x), to_string(w));
  if (in.size() > 2) check_shape("dense", "bias", in[2], {w[1]});
  return {{{x[0], w[1]}, in[0].dtype}};
}

std::vector<Desc> dx_shapes(std::span<const Desc> in, const Params&) {
  const Shape &dy = in[0].shape, &w = in[1].shape;
  check_floats("dense_dx", in);
  check_shape("dense_dx", "dy", in[0], {dy[0], w[1]});
  return {{{dy[0], w[0]}, in[0].dtype}};
}

std::vector<Desc> dw_shapes(std::span<const Desc> in, const Params&) {
  const Shape &x = in[0].shape, &dy = in[1].shape;
  check_floats("dense_dw", in);
  check_shape("dense_dw", "dy", in[1], {x[0], dy[1]});
  return {{{x[1], dy[1]}, in[0].dtype}};
}

void grad(Grad& g) {
  if (g.needs(0)) g.set(0, g.graph().apply1(dense_dx_op, {g.dy(), g.in(1)}));
  if (g.needs(1)) g.set(1, g.graph().apply1(dense_dw_op, {g.in(0), g.dy()}));
  if (g.inputs() > 2 && g.needs(2)) g.set(2, bias_gradient(g.graph(), g.dy()));
}

void reference(const Call& call) {
  by_float(call, [&]<class T>(T) {
    const T *x = call.in[0].as<T>(), *w = call.in[1].as<T>();
    const T* bias = call.in.size() > 2 ? call.in[2].as<T>() : nullptr;
    T* y = call.out[0].as<T>();
    int64_t rows = call.in[0].shape()[0], inner = call.in[0].shape()[1], columns = call.in[1].shape()[1];
    for (int64_t n = 0; n < rows; ++n)
      for (int64_t o = 0; o < columns; ++o) {
        double sum = bias ? bias[o] : 0;
        for (int64_t i = 0; i < inner; ++i) sum += double{x[n * inner + i]} * w[i * columns + o];
        y[n * columns + o] = static_cast<T>(sum);
      }
  });
}

// dx[n,i] = sum over o of dy[n,o] w[i,o]
void reference_dx(const Call& call) {
  by_float(call, [&]<class T>(T) {
    const T *dy = call.in[0].as<T>(), *w = call.in[1].as<T>();
    T* dx = call.out[0].as<T>();
    int64_t rows = call.in[0].shape()[0], inner = call.in[1].shape()[0], columns = call.in[1].shape()[1];
    for (int64_t n = 0; n < rows; ++n)
      for (int64_t i = 0; i < inner; ++i) {
        double sum = 0;
        for (int64_t o = 0; o < columns; ++o) sum += double{dy[n * columns + o]} * w[i * columns + o];
        dx[n * inner + i] = static_cast<T>(sum);
      }
  });
}

// dw[i,o] = sum over n of x[n,i] dy[n,o]
void reference_dw(const Call& call) {
  by_float(call, [&]<class T>(T) {
    const T *x = call.in[0].as<T>(), *dy = call.in[1].as<T>();
    T* dw = call.out[0].as<T>();
    int64_t rows = call.in[0].shape()[0], inner = call.in[0].shape()[1], columns = call.in[1].shape()[1];
    for (int64_t i = 0; i < inner; ++i)
      for (int64_t o = 0; o < columns; ++o) {
        double sum = 0;
        for (int64_t n = 0; n < rows; ++n) sum += double{x[n * inner + i]} * dy[n * columns + o];
        dw[i * columns + o] = static_cast<T>(sum);
      }
  });
}

// clang-format off
const Kernel dense_cpu[] = {
    LINEAMENT_AVX("dense.cpu.tile", dense_tile, anything, dense_tile_workspace)
    {"dense.cpu.gemm", dense_gemm, all_f32, dense_gemm_workspace},
    {"dense.cpu.reference", reference},
    {}};
const Kernel dense_dx_cpu[] = {
    LINEAMENT_AVX("dense_dx.cpu.tile", dense_dx_tile, anything, dense_dx_tile_workspace)
    {"dense_dx.cpu.gemm", dense_dx_gemm, all_f32},
    {"dense_dx.cpu.reference", reference_dx},
    {}};
const Kernel dense_dw_cpu[] = {
    LINEAMENT_AVX("dense_dw.cpu.tile", dense_dw_tile, anything, dense_dw_tile_workspace)
    {"dense_dw.cpu.gemm", dense_dw_gemm, all_f32},
    {"dense_dw.cpu.reference", reference_dw},
    {}};
// clang-format on

}  // namespace

const Op dense_op = {.name = "dense",
                     .shapes = shapes,
                     .grad = grad,
                     .cpu = dense_cpu,
                     .cuda = dense_cuda,
                     .narrow_in = 1,
                     .narrow_out = 1};
const Op dense_dx_op = {.name = "dense_dx",
                        .shapes = dx_shapes,
                        .grad = nullptr,
                        .cpu = dense_dx_cpu,
                        .cuda = dense_dx_cuda,
                        .narrow_in = 1,
                        .narrow_out = 1};
const Op dense_dw_op = {.name = "dense_dw",
                        .shapes = dw_shapes,
                        .grad = nullptr,
                        .cpu = dense_dw_cpu,
                        .cuda = dense_dw_cuda,
                        .narrow_in = 0b11};

Value dense(Value x, Value w, Value bias) {
  std::vector<Value> in = {x, w};
  if (bias) in.push_back(bias);
  return x.graph->apply1(dense_op, in);
}

}  // namespace lineament
