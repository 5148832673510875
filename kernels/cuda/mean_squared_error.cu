// The mean of squared errors, and its gradient.
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/masked_mean.h"

namespace lineament {
namespace {

struct Square {
  __device__ float operator()(float mask, float error) const { return mask * error * error; }
};
struct Slope {
  __device__ float operator()(float scale, float mask, float error) const { return 2 * scale * mask * error; }
};

void run(const Call& call) { masked_mean(call, Square{}); }
void run_grad(const Call& call) { masked_mean_grad(call, Slope{}); }

}  // namespace

const Kernel mean_squared_error_cuda[] = {{"mean_squared_error.cuda", run, nullptr, masked_mean_workspace}, {}};
const Kernel mean_squared_error_grad_cuda[] = {{"mean_squared_error_grad.cuda", run_grad}, {}};

}  // namespace lineament
