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

/// The first thing in every kernel: on Hopper its blocks take their places while the kernel before it on the stream still runs
/// (programmatic dependent launch), and wait here until that one has ended and all it wrote can be read. The kernel after this
/// one may take its places from now on too.
__device__ inline void after_previous_kernel() {
#ifndef __CUDACC__
  cuda_on_host::waited = true;
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;");
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

/// Bytes that a launch asked for, of the block; on a multiple of 32, as a pack of 8 floats expects.
__device__ inline void* shared_memory() {
#ifndef __CUDACC__
  return cuda_on_host::shared_memory();
#elif defined(__CUDA_ARCH__)
  extern __shared__ __align__(32) unsigned char asked_for[];
  return asked_for;
#else
  return nullptr;
#endif
}

#ifdef __CUDACC__
template <class... Parameters, class... Args>
void launch_on_device(void (*kernel)(Parameters...), dim3 blocks, dim3 threads, size_t shared_bytes, const Call& call,
                      Args... args) {
  const CudaContext& context = context_of(call);
  cudaLaunchAttribute early{};
  early.id = cudaLaunchAttributeProgrammaticStreamSerialization;
  early.val.programmaticStreamSerializationAllowed = 1;
  cudaLaunchConfig_t config{};
  config.gridDim = blocks;
  config.blockDim = threads;
  config.dynamicSmemBytes = shared_bytes;
  config.stream = context.stream;
  config.attrs = &early;
  config.numAttrs = context.early_launch ? 1 : 0;
  if (const cudaError_t error = cudaLaunchKernelEx(&config, kernel, Parameters(args)...); error != cudaSuccess) {
    cudaGetLastError();
    fail_run("launch of {}x{}x{} blocks of {} threads: {}", blocks.x, blocks.y, blocks.z,
             threads.x * threads.y * threads.z, cudaGetErrorString(error));
  }
}
#endif

template <class... Parameters, class... Args>
void launch(void (*kernel)(Parameters...), dim3 blocks, dim3 threads, const Call& call, Args... args) {
  if (blocks.x == 0) return;  // no elements
#ifdef __CUDACC__
  launch_on_device(kernel, blocks, threads, 0, call, args...);
#else
  (void)call;
  cuda_on_host::waited = false;
  cuda_on_host::run(kernel, blocks, threads, args...);
  check(cuda_on_host::waited, "a kernel that does not wait for the one before it");
#endif
}

/// The same where blocks wait for each other: at most one for each multiprocessor, so that all run at once, whatever runs
/// beside them; `shared_bytes` for each, up to CudaContext::shared_bytes.
template <class... Parameters, class... Args>
void launch_at_once(void (*kernel)(Parameters...), dim3 blocks, dim3 threads, size_t shared_bytes, const Call& call,
                    Args... args) {
  check(static_cast<int>(blocks.x * blocks.y * blocks.z) <= context_of(call).multiprocessors,
        "{}x{}x{} blocks cannot all run at once", blocks.x, blocks.y, blocks.z);
#ifdef __CUDACC__
  if (const cudaError_t error = cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel),
                                                     cudaFuncAttributeMaxDynamicSharedMemorySize,
                                                     static_cast<int>(shared_bytes));
      error != cudaSuccess)
    fail_run("{} bytes of shared memory: {}", shared_bytes, cudaGetErrorString(error));
  launch_on_device(kernel, blocks, threads, shared_bytes, call, args...);
#else
  cuda_on_host::waited = false;
  cuda_on_host::run_at_once(kernel, blocks, threads, shared_bytes, args...);
  check(cuda_on_host::waited, "a kernel that does not wait for the one before it");
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
