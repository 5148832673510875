// y[i] = x[i] / (1 - rate) where draw i / group is not below the rate; else 0. Draws are the CPU's
// (kernels/formulas.h).
#include "kernels/cuda/divisor.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/map.h"
#include "kernels/elementwise_ops.h"

namespace lineament {
namespace {

struct Draws {
  const uint64_t* rng;
  uint64_t stream;
  uint32_t threshold;
  float scale;

  __device__ float kept(int64_t draw, float x) const {
    const bool keeps = dropout_draw(dropout_key(rng, stream), static_cast<uint64_t>(draw)) >= threshold;
    return keeps ? x * scale : 0.0f;
  }
};
struct Singly {
  Draws draws;
  __device__ float operator()(int64_t i, float x) const { return draws.kept(i, x); }
};
struct Grouped {
  Draws draws;
  Divisor group;
  __device__ float operator()(int64_t i, float x) const { return draws.kept(group.quotient(i), x); }
};

/// A group is a whole number of packs, which then share a draw. y perhaps x.
template <class T, int V>
__global__ void groups_kernel(Draws draws, Divisor group, int64_t packs, const T* x, T* y) {
  after_previous_kernel();
  const int64_t i = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i >= packs) return;
  Floats<V> values = load<V>(x + i * V);
  const float factor = draws.kept(group.quotient(i), 1.0f);
  for (int v = 0; v < V; ++v) values.at[v] = factor == 0 ? 0.0f : values.at[v] * factor;
  store<V>(y + i * V, values);
}

template <class T>
void drop_groups(const Call& call, const Draws& draws, int64_t group) {
  constexpr int V = kPack<T>;
  const T* x = call.in[0].as<T>();
  T* y = call.out[0].as<T>();
  if (group % V || !packs_fit(call)) return map(call, Grouped{draws, Divisor(group)}, y, x);
  const int64_t packs = static_cast<int64_t>(call.out[0].desc.elements()) / V;
  launch(groups_kernel<T, V>, blocks_for(packs), kBlockThreads, call, draws, Divisor(group / V), packs, x, y);
}

void dropout_run(const Call& call) {
  const auto& p = call.params.as<DropoutParams>();
  const Draws draws{call.in[1].as<uint64_t>(), p.stream, dropout_threshold(p.rate), 1 / (1 - p.rate)};
  by_storage(call.in[0], [&]<class T>(T) {
    if (p.group == 1)
      map(call, Singly{draws}, call.out[0].as<T>(), static_cast<const T*>(call.in[0].as<T>()));
    else
      drop_groups<T>(call, draws, p.group);
  });
}

}  // namespace

const Kernel dropout_cuda[] = {{"dropout.cuda", dropout_run}, {}};

}  // namespace lineament
