// y[i] = x[i] / (1 - rate) where draw i, or draw i / group, is not below the rate; else 0
#include "kernels/cpu/elementwise.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/elementwise_ops.h"
#include "kernels/formulas.h"
#include "tensor/autograd.h"

namespace lineament {
namespace {

std::vector<Desc> shapes(std::span<const Desc> in, const Params& params) {
  const auto& [rate, group, stream] = params.as<DropoutParams>();
  check(rate >= 0 && rate < 1, "dropout: a rate of {}, expected 0 up to but not 1", rate);
  check(in[1] == Desc{{2}, DType::u64}, "dropout: rng {}, expected u64 [2], the seed and the step",
        to_string(in[1]));
  check(group > 0 && in[0].elements() % group == 0, "dropout: groups of {} in {}", group, to_string(in[0]));
  return {in[0]};
}

// The op is its own gradient: the same draws come from the same counters, so no mask is kept.
void grad(Grad& g) {
  if (g.needs(0)) g.set(0, g.graph().apply1(dropout_op, {g.dy(), g.in(1)}, g.params<DropoutParams>()));
}

void reference(const Call& call) {
  const auto& p = call.params.as<DropoutParams>();
  const uint64_t key = dropout_key(call.in[1].as<uint64_t>(), p.stream);
  const uint32_t threshold = dropout_threshold(p.rate);
  by_float(call, [&]<class T>(T) {
    const T* x = call.in[0].as<T>();
    T* y = call.out[0].as<T>();
    const T scale = 1 / (1 - T(p.rate));
    for (size_t i = 0; i < call.out[0].desc.elements(); ++i)
      y[i] = dropout_draw(key, i / p.group) >= threshold ? x[i] * scale : T(0);
  });
}

const Kernel dropout_cpu[] = {
    LINEAMENT_SIMD("dropout.cpu", dropout_simd, dropout_singly, no_workspace),
    LINEAMENT_SIMD("dropout.cpu.groups", drop_path_simd, dropout_grouped, no_workspace),
    {"dropout.cpu.reference", reference},
    {}};

}  // namespace

const Op dropout_op = {.name = "dropout",
                       .shapes = shapes,
                       .grad = grad,
                       .cpu = dropout_cpu,
                       .cuda = dropout_cuda,
                       .inplace = 0,
                       .narrow_in = 1,
                       .narrow_out = 1};

Value dropout(Value x, Value rng, float rate, uint64_t stream) {
  if (rate == 0) return x;
  return x.graph->apply1(dropout_op, {x, rng}, DropoutParams{rate, 1, stream});
}

Value drop_path(Value x, Value rng, float rate, uint64_t stream) {
  if (rate == 0) return x;
  const auto picture = static_cast<int64_t>(x.shape().elements()) / x.shape()[0];
  return x.graph->apply1(dropout_op, {x, rng}, DropoutParams{rate, picture, stream});
}

}  // namespace lineament
