// The mean of a likelihood's loss of each coordinate, and its gradients: a thread for each coordinate, then one for each point.
#include "kernels/likelihood_loss.h"

#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/masked_mean.h"

namespace lineament {
namespace {

struct Inputs {
  LikelihoodLoss loss;
  const float *prediction, *deviation, *target, *mask;
  explicit Inputs(const Call& call)
      : loss(call.params.as<LikelihoodLoss>()),
        prediction(call.in[0].as<float>()),
        deviation(call.in[1].as<float>()),
        target(call.in[2].as<float>()),
        mask(call.in[3].as<float>()) {}
  __device__ float error(int64_t i) const { return (prediction[i] - target[i]) / loss.px; }
};

struct OfCoordinate {
  Inputs in;
  __device__ MaskedSum operator()(int64_t i) const {
    return {in.mask[i] * likelihood_loss(in.loss.kind, in.error(i), in.deviation[i / 2]), in.mask[i]};
  }
};

__global__ void likelihood_grad_kernel(Inputs in, int64_t points, const float* count, const float* dloss, float* dprediction,
                                       float* ddeviation) {
  after_previous_kernel();
  const int64_t point = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (point >= points) return;
  const float scale = (dloss ? *dloss : 1.0f) / *count, s = in.deviation[point];
  float sum = 0;
  for (int64_t i = 2 * point; i < 2 * point + 2; ++i) {
    const float e = in.error(i);
    dprediction[i] = scale * in.mask[i] * likelihood_slope(in.loss.kind, e, s) / in.loss.px;
    sum += in.mask[i] * likelihood_deviation_slope(in.loss.kind, e, s);
  }
  ddeviation[point] = scale * sum;
}

void run(const Call& call) { masked_mean_of(call, OfCoordinate{Inputs(call)}); }

void run_grad(const Call& call) {
  const auto points = static_cast<int64_t>(call.out[1].desc.elements());
  launch(likelihood_grad_kernel, blocks_for(points), kBlockThreads, call, Inputs(call), points, call.in[4].as<float>(),
         call.in.size() > 5 ? call.in[5].as<float>() : nullptr, call.out[0].as<float>(), call.out[1].as<float>());
}

}  // namespace

const Kernel likelihood_loss_cuda[] = {{"likelihood_loss.cuda", run, nullptr, masked_mean_workspace}, {}};
const Kernel likelihood_loss_grad_cuda[] = {{"likelihood_loss_grad.cuda", run_grad}, {}};

}  // namespace lineament
