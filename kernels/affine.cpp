// y[...,k] = scale[k] x[...,from[k]] + shift[k], with constants
#include "kernels/cpu/elementwise.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/elementwise_ops.h"
#include "tensor/autograd.h"

namespace lineament {
namespace {

/// f(pixel of input 0, pixel of output 0) for every pixel; the first is a copy, so they may share storage.
template <class T, class F>
void each_pixel(const Call& call, F f) {
  const size_t in_channels = call.in[0].shape()[-1], out_channels = call.out[0].shape()[-1];
  const T* in = call.in[0].as<T>();
  T* out = call.out[0].as<T>();
  for (size_t i = 0; i < call.in[0].desc.elements() / in_channels; ++i) {
    T pixel[4];
    for (size_t c = 0; c < in_channels; ++c) pixel[c] = in[i * in_channels + c];
    f(pixel, out + i * out_channels);
  }
}

// dx[...,c] = sum of scale[k] dy[...,k] over the k that read channel c

std::vector<Desc> grad_shapes(std::span<const Desc> in, const Params& params) {
  return {{in[0].shape.with_last(params.as<AffineGradParams>().channels), in[0].dtype}};
}

void grad_reference(const Call& call) {
  const auto& p = call.params.as<AffineGradParams>();
  by_float(call, [&]<class T>(T) {
    each_pixel<T>(call, [&](const T* dy, T* dx) {
      for (int c = 0; c < p.channels; ++c) dx[c] = 0;
      for (int k = 0; k < p.constants.channels; ++k)
        dx[p.constants.from[k]] += T(p.constants.scale[k]) * dy[k];
    });
  });
}

const Kernel affine_grad_cpu[] = {LINEAMENT_SIMD("affine_grad.cpu", affine_grad_simd, anything, no_workspace),
                                  {"affine_grad.cpu.reference", grad_reference},
                                  {}};

}  // namespace

const Op affine_grad_op = {.name = "affine_grad",
                           .shapes = grad_shapes,
                           .grad = nullptr,
                           .cpu = affine_grad_cpu,
                           .cuda = affine_grad_cuda,
                           .inplace = 0,
                           .narrow_in = 1,
                           .narrow_out = 1};

namespace {

std::vector<Desc> shapes(std::span<const Desc> in, const Params& params) {
  const auto& p = params.as<Affine>();
  check(p.channels >= 1 && p.channels <= 4, "affine: {} channels, expected 1 to 4", p.channels);
  if (p.channels == 1) return {in[0]};
  const int64_t x_channels = in[0].shape.rank() > 0 ? in[0].shape[-1] : 0;
  check(x_channels >= 1 && x_channels <= 4, "affine: x {}, expected 1 to 4 channels", to_string(in[0]));
  for (int k = 0; k < p.channels; ++k)
    check(p.from[k] >= 0 && p.from[k] < x_channels, "affine: channel {} of {}", p.from[k], to_string(in[0]));
  return {{in[0].shape.with_last(p.channels), in[0].dtype}};
}

void grad(Grad& g) {
  Affine slope = g.params<Affine>();
  slope.shift = {};
  if (!g.needs(0)) return;
  g.set(0, slope.channels == 1 ? affine(g.dy(), slope)
                               : g.graph().apply1(affine_grad_op, {g.dy()},
                                                  AffineGradParams{slope, int(g.in(0).shape()[-1])}));
}

void reference(const Call& call) {
  const auto& p = call.params.as<Affine>();
  by_float(call, [&]<class T>(T) {
    if (p.channels == 1) {
      const T* x = call.in[0].as<T>();
      T* y = call.out[0].as<T>();
      for (size_t i = 0; i < call.out[0].desc.elements(); ++i) y[i] = T(p.scale[0]) * x[i] + T(p.shift[0]);
      return;
    }
    each_pixel<T>(call, [&](const T* x, T* y) {
      for (int k = 0; k < p.channels; ++k) y[k] = T(p.scale[k]) * x[p.from[k]] + T(p.shift[k]);
    });
  });
}

const Kernel affine_cpu[] = {LINEAMENT_SIMD("affine.cpu", affine_simd, anything, no_workspace),
                             {"affine.cpu.reference", reference},
                             {}};

}  // namespace

const Op affine_op = {.name = "affine",
                      .shapes = shapes,
                      .grad = grad,
                      .cpu = affine_cpu,
                      .cuda = affine_cuda,
                      .inplace = 0,
                      .narrow_in = 1,
                      .narrow_out = 1};

Value affine(Value x, const Affine& constants) { return x.graph->apply1(affine_op, {x}, constants); }

}  // namespace lineament
