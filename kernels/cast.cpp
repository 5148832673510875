// y = x as bf16 where x is f32, as f32 where it is bf16: what tensor/precision puts between ops of both
#include "kernels/cuda/elementwise.h"
#include "kernels/elementwise_ops.h"

namespace lineament {
namespace {

std::vector<Desc> shapes(std::span<const Desc> in, const Params&) {
  check(in[0].dtype == DType::f32 || in[0].dtype == DType::bf16, "cast: {}, expected f32 or bf16",
        to_string(in[0]));
  return {{in[0].shape, in[0].dtype == DType::f32 ? DType::bf16 : DType::f32}};
}

template <class From, class To>
void convert(const Call& call) {
  const std::span<From> x = call.in[0].span<From>();
  const std::span<To> y = call.out[0].span<To>();
  for (size_t i = 0; i < y.size(); ++i) y[i] = static_cast<To>(x[i]);
}

// The CPU's kernels compute in f32 alone: here it is only there to be compared with.
void reference(const Call& call) {
  call.in[0].desc.dtype == DType::f32 ? convert<float, bfloat16>(call) : convert<bfloat16, float>(call);
}

const Kernel cast_cpu[] = {{"cast.cpu.reference", reference}, {}};

}  // namespace

const Op cast_op = {.name = "cast", .shapes = shapes, .grad = nullptr, .cpu = cast_cpu, .cuda = cast_cuda};

}  // namespace lineament
