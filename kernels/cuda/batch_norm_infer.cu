// Batch norm by the running statistics: one pass, or none where it folds into the convolution before it.
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/normalise.h"

namespace lineament {
namespace {

void infer(const Call& call) {
  const auto p = call.params.as<BatchNormParams>();
  by_pack(call, call.in[0], call.in[0].shape()[-1], [&]<class T, int V>(T, std::integral_constant<int, V>) {
    normalise<T, V>(call, call.in[3].as<float>(), {call.in[4].as<float>(), true, p.epsilon}, p.activation);
  });
}

}  // namespace

const Kernel batch_norm_infer_cuda[] = {{"batch_norm_infer.cuda", infer}, {}};

}  // namespace lineament
