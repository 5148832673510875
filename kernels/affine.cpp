// y[...,k] = scale[k] x[...,k] + shift[k], with constants
#include "kernels/cpu/elementwise.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/elementwise_ops.h"
#include "tensor/autograd.h"

namespace lineament {
namespace {

std::vector<Desc> infer(std::span<const Desc> in, const Params& params) {
  const int channels = params.as<Affine>().channels;
  check(channels >= 1 && channels <= 4, "affine: {} channels, expected 1 to 4", channels);
  check(channels == 1 || (in[0].shape.rank() > 0 && in[0].shape[-1] == channels),
        "affine: {} channels for {}", channels, to_string(in[0]));
  return {in[0]};
}

void grad(Grad& g) {
  Affine slope = g.params<Affine>();
  slope.shift = {};
  if (g.needs(0)) g.set(0, affine(g.dy(), slope));
}

void reference(const Call& call) {
  const auto& [channels, scale, shift] = call.params.as<Affine>();
  by_float(call, [&]<class T>(T) {
    const T* x = call.in[0].as<T>();
    T* y = call.out[0].as<T>();
    for (size_t i = 0; i < call.out[0].desc.elements(); ++i) {
      const size_t k = i % channels;
      y[i] = T(scale[k]) * x[i] + T(shift[k]);
    }
  });
}

const Kernel affine_cpu[] = {
    {"affine.cpu.simd", affine_simd, all_f32}, {"affine.cpu.reference", reference}, {}};

}  // namespace

const Op affine_op = {
    .name = "affine", .infer = infer, .grad = grad, .cpu = affine_cpu, .cuda = affine_cuda, .inplace = 0};

Value affine(Value x, const Affine& constants) { return x.graph->apply1(affine_op, {x}, constants); }

}  // namespace lineament
