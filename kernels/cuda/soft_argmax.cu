// Soft-argmax: a warp for each map, its lanes on the map's pixels; the gradient, a thread for each element.
#include "kernels/cuda/pixel_grid.h"
#include "kernels/cuda/spatial.h"
#include "kernels/cuda/warp.h"
#include "kernels/formulas.h"
#include "kernels/pixels.h"
#include "kernels/spatial_ops.h"

namespace lineament {
namespace {

__global__ void soft_argmax_kernel(MapGrid grid, Pixels<const float> x, float* y, float* peak) {
  after_previous_kernel();
  const int64_t map = int64_t{blockIdx.x} * (blockDim.x / kWarp) + threadIdx.x / kWarp;
  if (map >= int64_t{x.n} * x.c) return;
  const int lane = static_cast<int>(threadIdx.x % kWarp), area = x.h * x.w;
  const float* from = x.data + map / x.c * area * x.c + map % x.c;
  float largest = from[0];
  for (int i = lane; i < area; i += kWarp) largest = largest < from[int64_t{i} * x.c] ? from[int64_t{i} * x.c] : largest;
  largest = warp_max(largest);
  float sum = 0, across = 0, down = 0;
  for (int i = lane; i < area; i += kWarp) {
    const float e = exponential(from[int64_t{i} * x.c] - largest);
    sum += e;
    across += e * static_cast<float>(i % x.w);
    down += e * static_cast<float>(i / x.w);
  }
  sum = warp_sum(sum), across = warp_sum(across), down = warp_sum(down);
  if (lane != 0) return;
  y[2 * map] = grid.left + grid.step * across / sum;
  y[2 * map + 1] = grid.top + grid.step * down / sum;
  peak[2 * map] = largest;
  peak[2 * map + 1] = 1.0f / sum;
}

/// dx perhaps x: each thread writes over what it alone has read.
__global__ void soft_argmax_dx_kernel(MapGrid grid, int64_t elements, Pixels<const float> x, const float* y, const float* peak,
                                      const float* dy, float* dx) {
  after_previous_kernel();
  const int64_t at = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (at >= elements) return;
  const int64_t pixel = at / x.c, area = int64_t{x.h} * x.w;
  const int64_t map = 2 * (pixel / area * x.c + at % x.c);
  const float across = grid.left + grid.step * static_cast<float>(pixel % x.w) - y[map],
              down = grid.top + grid.step * static_cast<float>(pixel % area / x.w) - y[map + 1];
  dx[at] = exponential(x.data[at] - peak[map]) * peak[map + 1] * (across * dy[map] + down * dy[map + 1]);
}

void run(const Call& call) {
  const auto x = read_pixels<float>(call.in[0]);
  launch(soft_argmax_kernel, blocks_for(int64_t{x.n} * x.c, kBlockThreads / kWarp), kBlockThreads, call, call.params.as<MapGrid>(), x,
         call.out[0].as<float>(), call.out[1].as<float>());
}

void run_dx(const Call& call) {
  const auto elements = static_cast<int64_t>(call.out[0].desc.elements());
  launch(soft_argmax_dx_kernel, blocks_for(elements, kBlockThreads), kBlockThreads, call, call.params.as<MapGrid>(), elements,
         read_pixels<float>(call.in[0]), call.in[1].as<float>(), call.in[2].as<float>(), call.in[3].as<float>(),
         call.out[0].as<float>());
}

}  // namespace

const Kernel soft_argmax_cuda[] = {{"soft_argmax.cuda", run}, {}};
const Kernel soft_argmax_dx_cuda[] = {{"soft_argmax_dx.cuda", run_dx}, {}};

}  // namespace lineament
