// y = x under another shape
#include <cstring>

#include "kernels/cuda/elementwise.h"
#include "kernels/elementwise_ops.h"
#include "tensor/autograd.h"

namespace lineament {
namespace {

std::vector<Desc> shapes(std::span<const Desc> in, const Params& params) {
  const Shape& shape = params.as<ReshapeParams>().shape;
  check(in[0].elements() == shape.elements(), "reshape: {} to {}", to_string(in[0]), to_string(shape));
  return {{shape, in[0].dtype}};
}

void grad(Grad& g) {
  if (g.needs(0)) g.set(0, reshape(g.dy(), g.in(0).shape()));
}

void copy(const Call& call) {
  if (call.out[0].data != call.in[0].data)
    std::memcpy(call.out[0].data, call.in[0].data, call.out[0].desc.bytes());
}

const Kernel reshape_cpu[] = {{"reshape.cpu.reference", copy}, {}};

}  // namespace

const Op reshape_op = {.name = "reshape",
                       .shapes = shapes,
                       .grad = grad,
                       .cpu = reshape_cpu,
                       .cuda = reshape_cuda,
                       .inplace = 0,
                       .narrow_in = 1,
                       .narrow_out = 1};

Value reshape(Value x, const Shape& shape) { return x.graph->apply1(reshape_op, {x}, ReshapeParams{shape}); }

Value flatten(Value x) {
  const Shape& shape = x.shape();
  check(shape.rank() >= 1, "flatten: a scalar");
  int64_t rest = 1;
  for (int i = 1; i < shape.rank(); ++i) rest *= shape[i];
  return reshape(x, {shape[0], rest});
}

}  // namespace lineament
