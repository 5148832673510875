#include "kernels/cuda/tile.h"

namespace lineament {
namespace {

__global__ void add_slices_kernel(const float* partial, unsigned slices, int64_t elements, float* to) {
  const int64_t i = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i >= elements) return;
  float sum = 0;
  for (unsigned s = 0; s < slices; ++s) sum += partial[s * elements + i];
  to[i] = sum;
}

}  // namespace

void add_slices(const Call& call, const float* partial, unsigned slices, int64_t elements, float* to) {
  launch(add_slices_kernel, blocks_for(elements), kBlockThreads, call, partial, slices, elements, to);
}

}  // namespace lineament
