// How a kernel of this folder is started: launch(kernel, blocks, threads, call, arguments...).
// The same sources are compiled for the host by the tests (tests/cuda_on_host), where threads take turns.
#pragma once
#include <cuda_runtime.h>

#include <cstdint>

#include "kernels/cuda/context.h"
#include "kernels/formulas.h"
#include "tensor/bfloat16.h"

namespace lineament {

inline constexpr int kBlockThreads = 256;

inline unsigned blocks_for(int64_t items, int64_t per_block = kBlockThreads) {
  return static_cast<unsigned>((items + per_block - 1) / per_block);
}

template <class K, class... Args>
void launch(K* kernel, dim3 blocks, dim3 threads, const Call& call, Args... args) {
  if (blocks.x == 0) return;  // no elements
#ifdef __CUDACC__
  kernel<<<blocks, threads, 0, context_of(call).stream>>>(args...);
  if (const cudaError_t error = cudaGetLastError(); error != cudaSuccess)
    fail_run("launch of {}x{}x{} blocks of {} threads: {}", blocks.x, blocks.y, blocks.z,
             threads.x * threads.y * threads.z, cudaGetErrorString(error));
#else
  (void)call;
  cuda_on_host::run(kernel, blocks, threads, args...);
#endif
}

/// Calls f with a value of the type that an op's pictures have: f32 or bf16.
template <class F>
void by_storage(const View& view, F&& f) {
  if (view.desc.dtype == DType::bf16)
    f(bfloat16{});
  else
    f(float{});
}

/// V neighbours of a tensor in one access. Address and count must be multiples of V.
template <class T, int V>
struct alignas(sizeof(T) * V) Pack {
  T at[V];
};

}  // namespace lineament
