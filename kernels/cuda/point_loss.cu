// The mean of a loss of each coordinate's error, and its gradient.
#include "kernels/point_loss.h"

#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/masked_mean.h"

namespace lineament {
namespace {

struct Size {
  PointLoss loss;
  __device__ float operator()(float mask, float error) const { return mask * point_loss(loss, error); }
};
struct Slope {
  PointLoss loss;
  __device__ float operator()(float scale, float mask, float error) const {
    return scale * mask * point_loss_slope(loss, error);
  }
};

void run(const Call& call) { masked_mean(call, Size{call.params.as<PointLoss>()}); }
void run_grad(const Call& call) { masked_mean_grad(call, Slope{call.params.as<PointLoss>()}); }

}  // namespace

const Kernel point_loss_cuda[] = {{"point_loss.cuda", run, nullptr, masked_mean_workspace}, {}};
const Kernel point_loss_grad_cuda[] = {{"point_loss_grad.cuda", run_grad}, {}};

}  // namespace lineament
