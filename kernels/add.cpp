// y = a + b
#include "kernels/cpu/elementwise.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/ops.h"
#include "tensor/autograd.h"

namespace lineament {
namespace {

std::vector<Desc> shapes(std::span<const Desc> in, const Params&) {
  check(in[0] == in[1], "add: {} and {}", to_string(in[0]), to_string(in[1]));
  return {in[0]};
}

void grad(Grad& g) {
  g.set(0, g.dy());
  g.set(1, g.dy());
}

void reference(const Call& call) {
  by_float(call, [&]<class T>(T) {
    const T *a = call.in[0].as<T>(), *b = call.in[1].as<T>();
    T* y = call.out[0].as<T>();
    for (size_t i = 0; i < call.out[0].desc.elements(); ++i) y[i] = a[i] + b[i];
  });
}

const Kernel add_cpu[] = {
    LINEAMENT_SIMD("add.cpu", add_simd, anything, no_workspace), {"add.cpu.reference", reference}, {}};

}  // namespace

const Op add_op = {.name = "add",
                   .shapes = shapes,
                   .grad = grad,
                   .cpu = add_cpu,
                   .cuda = add_cuda,
                   .inplace = 0,
                   .narrow_in = 0b11,
                   .narrow_out = 1};

Value add(Value a, Value b) { return a.graph->apply1(add_op, {a, b}); }

}  // namespace lineament
