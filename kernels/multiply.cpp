// y = x a, where a has x's shape, or one number for each channel or for each picture: [n,1,1,c], [n,1,1,1]
#include <algorithm>

#include "kernels/cpu/elementwise.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/elementwise_ops.h"
#include "tensor/autograd.h"

namespace lineament {
namespace {

bool broadcasts(const Shape& a, const Shape& x) {
  return a == x || (x.rank() == 4 && (a == Shape{x[0], 1, 1, x[3]} || a == Shape{x[0], 1, 1, 1}));
}

/// Where in `a` the element of x stands that is the i-th.
size_t index_in(const Shape& a, const Shape& x, size_t i) {
  if (a == x) return i;
  const size_t picture = i / (x[1] * x[2] * x[3]);
  return a[3] == 1 ? picture : picture * x[3] + i % x[3];
}

// da = sum of dy x over the pixels (and channels) that shared a number; its shape is a's

std::vector<Desc> reduce_shapes(std::span<const Desc> in, const Params&) {
  check(in[0] == in[1] && broadcasts(in[2].shape, in[0].shape), "multiply_reduce: {} and {} to {}",
        to_string(in[0]), to_string(in[1]), to_string(in[2]));
  return {in[2]};
}

void reduce_reference(const Call& call) {
  by_float(call, [&]<class T>(T) {
    const T *dy = call.in[0].as<T>(), *x = call.in[1].as<T>();
    T* da = call.out[0].as<T>();
    std::fill_n(da, call.out[0].desc.elements(), T(0));
    for (size_t i = 0; i < call.in[0].desc.elements(); ++i)
      da[index_in(call.out[0].shape(), call.in[0].shape(), i)] += dy[i] * x[i];
  });
}

const Kernel multiply_reduce_cpu[] = {
    LINEAMENT_SIMD("multiply_reduce.cpu", multiply_reduce_simd, anything, no_workspace),
    {"multiply_reduce.cpu.reference", reduce_reference},
    {}};

}  // namespace

const Op multiply_reduce_op = {.name = "multiply_reduce",
                               .shapes = reduce_shapes,
                               .grad = nullptr,
                               .cpu = multiply_reduce_cpu,
                               .cuda = multiply_reduce_cuda,
                               .narrow_in = 0b111,
                               .narrow_out = 1};

namespace {

std::vector<Desc> shapes(std::span<const Desc> in, const Params&) {
  check(broadcasts(in[1].shape, in[0].shape) && in[0].dtype == in[1].dtype, "multiply: {} and {}",
        to_string(in[0]), to_string(in[1]));
  return {in[0]};
}

void grad(Grad& g) {
  const Value x = g.in(0), a = g.in(1);
  if (g.needs(0)) g.set(0, multiply(g.dy(), a));
  if (g.needs(1))
    g.set(1, a.shape() == x.shape() ? multiply(g.dy(), x)
                                    : g.graph().apply1(multiply_reduce_op, {g.dy(), x, a}));
}

void reference(const Call& call) {
  by_float(call, [&]<class T>(T) {
    const T *x = call.in[0].as<T>(), *a = call.in[1].as<T>();
    T* y = call.out[0].as<T>();
    for (size_t i = 0; i < call.out[0].desc.elements(); ++i)
      y[i] = x[i] * a[index_in(call.in[1].shape(), call.in[0].shape(), i)];
  });
}

const Kernel multiply_cpu[] = {LINEAMENT_SIMD("multiply.cpu", multiply_simd, anything, no_workspace),
                               {"multiply.cpu.reference", reference},
                               {}};

}  // namespace

const Op multiply_op = {.name = "multiply",
                        .shapes = shapes,
                        .grad = grad,
                        .cpu = multiply_cpu,
                        .cuda = multiply_cuda,
                        .inplace = 0,
                        .narrow_in = 0b11,
                        .narrow_out = 1};

Value multiply(Value x, Value a) { return x.graph->apply1(multiply_op, {x, a}); }

}  // namespace lineament
