#include "kernels/cuda/add_slices.h"

#include "kernels/cuda/rows.h"

namespace lineament {
namespace {

constexpr int kElements = 32, kTeams = kBlockThreads / kElements;  // a team has every so many slices

__global__ void add_slices_kernel(const float* partial, int64_t slices, int64_t elements, float* to) {
  after_previous_kernel();
  __shared__ Sums<1> held[kBlockThreads];
  const int thread = static_cast<int>(threadIdx.x), team = thread / kElements;
  const int64_t i = int64_t{blockIdx.x} * kElements + thread % kElements;
  Sums<1> sum = {};
  if (i < elements)
    each_ahead(
        team, slices, kTeams, [&](int64_t s) { return partial[s * elements + i]; },
        [&](float slice) { sum.at[0] += slice; });
  held[thread] = sum;
  join_slots(held, thread, team, kTeams, kElements);
  if (team == 0 && i < elements) to[i] = held[thread].at[0];
}

}  // namespace

void add_slices(const Call& call, const float* partial, int64_t slices, int64_t elements, float* to) {
  launch(add_slices_kernel, blocks_for(elements, kElements), kBlockThreads, call, partial, slices, elements,
         to);
}

}  // namespace lineament
