// y[r,k] = e^x[r,k] / sum over j of e^x[r,j], and dx = y (dy - sum over j of dy[j] y[j]): a warp a row.
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/warp.h"

namespace lineament {
namespace {

/// This warp's row; of the rows past the last there are no more than make up a block.
__device__ int64_t row_of_warp() { return int64_t{blockIdx.x} * (blockDim.x / kWarp) + threadIdx.x / kWarp; }
__device__ int lane_of_warp() { return static_cast<int>(threadIdx.x % kWarp); }

/// y perhaps x: each lane writes over what it alone has read.
__global__ void softmax_kernel(int64_t rows, int64_t classes, const float* x, float* y) {
  after_previous_kernel();
  const int64_t row = row_of_warp();
  if (row >= rows) return;
  x += row * classes, y += row * classes;
  float largest = x[0], sum = 0;
  for (int64_t j = lane_of_warp(); j < classes; j += kWarp) largest = largest < x[j] ? x[j] : largest;
  largest = warp_max(largest);
  for (int64_t j = lane_of_warp(); j < classes; j += kWarp) sum += exponential(x[j] - largest);
  sum = warp_sum(sum);
  for (int64_t j = lane_of_warp(); j < classes; j += kWarp) y[j] = exponential(x[j] - largest) / sum;
}

/// dx perhaps dy.
__global__ void softmax_grad_kernel(int64_t rows, int64_t classes, const float* y, const float* dy,
                                    float* dx) {
  after_previous_kernel();
  const int64_t row = row_of_warp();
  if (row >= rows) return;
  y += row * classes, dy += row * classes, dx += row * classes;
  float dot = 0;
  for (int64_t j = lane_of_warp(); j < classes; j += kWarp) dot += dy[j] * y[j];
  dot = warp_sum(dot);
  for (int64_t j = lane_of_warp(); j < classes; j += kWarp) dx[j] = y[j] * (dy[j] - dot);
}

template <class K, class... Pointers>
void each_row(K* kernel, const Call& call, Pointers... pointers) {
  const int64_t classes = call.out[0].shape()[-1],
                rows = static_cast<int64_t>(call.out[0].desc.elements()) / classes;
  launch(kernel, blocks_for(rows, kBlockThreads / kWarp), kBlockThreads, call, rows, classes, pointers...);
}

void softmax_run(const Call& call) {
  each_row(softmax_kernel, call, call.in[0].as<float>(), call.out[0].as<float>());
}
void softmax_grad_run(const Call& call) {
  each_row(softmax_grad_kernel, call, call.in[0].as<float>(), call.in[1].as<float>(),
           call.out[0].as<float>());
}

}  // namespace

const Kernel softmax_cuda[] = {{"softmax.cuda", softmax_run}, {}};
const Kernel softmax_grad_cuda[] = {{"softmax_grad.cuda", softmax_grad_run}, {}};

}  // namespace lineament
