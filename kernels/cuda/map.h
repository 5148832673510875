// y[i] = f(i, a[i], b[i], ...): one pass over tensors of equal shapes, a pack a thread.
#pragma once
#include "kernels/cuda/floats.h"

namespace lineament {

template <int V, class F, class T, class... X>
__device__ inline void map_to(F f, int64_t i, T* y, const X&... x) {
  Floats<V> results;
  for (int v = 0; v < V; ++v) results.at[v] = f(i + v, x.at[v]...);
  store<V>(y + i, results);
}

/// The threads after those of the `packs` take what is left, an element each.
template <class F, class T, class... In>
__global__ void map_kernel(F f, int64_t elements, int64_t packs, T* y, const In*... in) {
  after_previous_kernel();
  constexpr int V = kPack<T>;
  const int64_t i = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i < packs) {
    map_to<V>(f, i * V, y, load<V>(in + i * V)...);
  } else if (const int64_t e = packs * (V - 1) + i; e < elements) {
    map_to<1>(f, e, y, load<1>(in + e)...);
  }
}

/// y may be one of them, if of its type. f takes the index and a float of each, and gives a float.
template <class F, class T, class... In>
void map(const Call& call, F f, T* y, const In*... in) {
  const auto elements = static_cast<int64_t>(call.out[0].desc.elements());
  const int64_t packs = packs_fit(call) ? elements / kPack<T> : 0;
  const int64_t threads = packs + (elements - packs * kPack<T>);
  launch(map_kernel<F, T, In...>, blocks_for(threads), kBlockThreads, call, f, elements, packs, y, in...);
}

}  // namespace lineament
