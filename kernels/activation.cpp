// y = f(x), f one of relu, relu6, leaky relu, swish, sigmoid (kernels/formulas.h)
#include "kernels/cpu/elementwise.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/elementwise_ops.h"
#include "kernels/formulas.h"
#include "tensor/autograd.h"

namespace lineament {
namespace {

// dx = f'(y or x) dy

std::vector<Desc> grad_shapes(std::span<const Desc> in, const Params&) {
  check(in[0] == in[1], "activate_grad: {} and dy {}", to_string(in[0]), to_string(in[1]));
  return {in[1]};
}

void grad_reference(const Call& call) {
  const auto p = call.params.as<ActivationParams>();
  by_float(call, [&]<class T>(T) {
    const T *y_or_x = call.in[0].as<T>(), *dy = call.in[1].as<T>();
    T* dx = call.out[0].as<T>();
    for (size_t i = 0; i < call.out[0].desc.elements(); ++i)
      dx[i] = dy[i] * activation_slope<T>(p.kind, y_or_x[i], p.slope);
  });
}

const Kernel activate_grad_cpu[] = {
    LINEAMENT_SIMD("activate_grad.cpu", activate_grad_simd, anything, no_workspace),
    {"activate_grad.cpu.reference", grad_reference},
    {}};

}  // namespace

const Op activate_grad_op = {.name = "activate_grad",
                             .shapes = grad_shapes,
                             .grad = nullptr,
                             .cpu = activate_grad_cpu,
                             .cuda = activate_grad_cuda,
                             .inplace = 1,
                             .narrow_in = 0b11,
                             .narrow_out = 1};

namespace {

std::vector<Desc> shapes(std::span<const Desc> in, const Params&) { return {in[0]}; }

void grad(Grad& g) {
  const auto& params = g.params<ActivationParams>();
  const Value y_or_x = reads_output(params.kind, params.slope) ? g.out(0) : g.in(0);
  if (g.needs(0)) g.set(0, g.graph().apply1(activate_grad_op, {y_or_x, g.dy()}, params));
}

void reference(const Call& call) {
  const auto p = call.params.as<ActivationParams>();
  by_float(call, [&]<class T>(T) {
    const T* x = call.in[0].as<T>();
    T* y = call.out[0].as<T>();
    for (size_t i = 0; i < call.out[0].desc.elements(); ++i) y[i] = activated<T>(p.kind, x[i], p.slope);
  });
}

const Kernel activate_cpu[] = {LINEAMENT_SIMD("activate.cpu", activate_simd, anything, no_workspace),
                               {"activate.cpu.reference", reference},
                               {}};

}  // namespace

const Op activate_op = {.name = "activate",
                        .shapes = shapes,
                        .grad = grad,
                        .cpu = activate_cpu,
                        .cuda = activate_cuda,
                        .inplace = 0,
                        .narrow_in = 1,
                        .narrow_out = 1};

Value activate(Value x, Activation activation, float leaky_slope) {
  if (activation == Activation::none) return x;
  return x.graph->apply1(activate_op, {x}, ActivationParams{activation, leaky_slope});
}
Value relu(Value x) { return activate(x, Activation::relu); }
Value relu6(Value x) { return activate(x, Activation::relu6); }
Value leaky_relu(Value x, float slope) { return activate(x, Activation::leaky_relu, slope); }
Value swish(Value x) { return activate(x, Activation::swish); }
Value sigmoid(Value x) { return activate(x, Activation::sigmoid); }

}  // namespace lineament
