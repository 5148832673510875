// y[r,k] = e^x[r,k] / sum over j of e^x[r,j], r over all axes but the last
#include <algorithm>

#include "kernels/cuda/elementwise.h"
#include "kernels/elementwise_ops.h"
#include "kernels/formulas.h"
#include "tensor/autograd.h"

namespace lineament {
namespace {

// dx = y (dy - sum over j of dy[j] y[j])

std::vector<Desc> grad_shapes(std::span<const Desc> in, const Params&) {
  check(in[0] == in[1], "softmax_grad: y {} and dy {}", to_string(in[0]), to_string(in[1]));
  return {in[1]};
}

void grad_reference(const Call& call) {
  by_float(call, [&]<class T>(T) {
    const T *y = call.in[0].as<T>(), *dy = call.in[1].as<T>();
    T* dx = call.out[0].as<T>();
    const size_t classes = call.out[0].shape()[-1];
    for (size_t r = 0; r < call.out[0].desc.elements(); r += classes) {
      T dot = 0;
      for (size_t j = r; j < r + classes; ++j) dot += dy[j] * y[j];
      for (size_t j = r; j < r + classes; ++j) dx[j] = y[j] * (dy[j] - dot);
    }
  });
}

const Kernel softmax_grad_cpu[] = {{"softmax_grad.cpu.reference", grad_reference}, {}};

}  // namespace

const Op softmax_grad_op = {.name = "softmax_grad",
                            .shapes = grad_shapes,
                            .grad = nullptr,
                            .cpu = softmax_grad_cpu,
                            .cuda = softmax_grad_cuda,
                            .inplace = 1};

namespace {

std::vector<Desc> shapes(std::span<const Desc> in, const Params&) {
  check(in[0].shape.rank() >= 1, "softmax: {} has no last axis", to_string(in[0]));
  return {in[0]};
}

void grad(Grad& g) {
  if (g.needs(0)) g.set(0, g.graph().apply1(softmax_grad_op, {g.out(0), g.dy()}));
}

// The largest x comes off first, so that no e^x overflows.
void reference(const Call& call) {
  by_float(call, [&]<class T>(T) {
    const T* x = call.in[0].as<T>();
    T* y = call.out[0].as<T>();
    const size_t classes = call.out[0].shape()[-1];
    for (size_t r = 0; r < call.out[0].desc.elements(); r += classes) {
      T largest = x[r], sum = 0;
      for (size_t j = r; j < r + classes; ++j) largest = std::max(largest, x[j]);
      for (size_t j = r; j < r + classes; ++j) sum += y[j] = exponential(x[j] - largest);
      for (size_t j = r; j < r + classes; ++j) y[j] /= sum;
    }
  });
}

// Softmax stands at the head, over a batch of a few dozen classes: the reference is fast enough.
const Kernel softmax_cpu[] = {{"softmax.cpu.reference", reference}, {}};

}  // namespace

const Op softmax_op = {
    .name = "softmax", .shapes = shapes, .grad = grad, .cpu = softmax_cpu, .cuda = softmax_cuda, .inplace = 0};

Value softmax(Value x) { return x.graph->apply1(softmax_op, {x}); }

}  // namespace lineament
