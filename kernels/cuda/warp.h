// What the 32 lanes of a warp, and the warps of a block, find together: always in the same order.
#pragma once
#include "kernels/cuda/launch.h"

namespace lineament {

inline constexpr int kWarp = 32;
inline constexpr unsigned kAllLanes = 0xffffffffu;

/// Every lane gets it.
__device__ inline float warp_sum(float x) {
  for (int lanes = kWarp / 2; lanes > 0; lanes /= 2) x += __shfl_xor_sync(kAllLanes, x, lanes);
  return x;
}
__device__ inline float warp_max(float x) {
  for (int lanes = kWarp / 2; lanes > 0; lanes /= 2) {
    const float other = __shfl_xor_sync(kAllLanes, x, lanes);
    x = x < other ? other : x;
  }
  return x;
}

/// Every thread of a block of whole warps calls it, and the first gets the sum. `held`: shared, 32 floats of
/// its own.
__device__ inline float block_sum(float x, float* held) {
  x = warp_sum(x);
  if (threadIdx.x % kWarp == 0) held[threadIdx.x / kWarp] = x;
  __syncthreads();
  return warp_sum(threadIdx.x < blockDim.x / kWarp ? held[threadIdx.x] : 0.0f);
}

}  // namespace lineament
