// CUDA's language on the host: kernels/cuda/*.cu compiled as C++, their threads taking turns. Found before
// the real header.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <type_traits>

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __constant__ static
#define __shared__ static  // one block runs at a time

struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
};
struct uint3 {
  unsigned x, y, z;
};

inline uint3 threadIdx, blockIdx;
inline dim3 blockDim, gridDim;
inline constexpr int warpSize = 32;

namespace cuda_on_host {

/// The order in which threads, and blocks, get their turns. A kernel whose result depends on it lacks a
/// barrier.
enum class Order { forward, backward };
inline Order order = Order::forward;

/// Whether the kernel that runs has waited for the one before it.
inline bool waited = false;

/// Runs `thread` once for each thread of each block. RunError where a launch would fail on a GPU, where
/// threads end while others of their block wait, and where lanes of a warp miss an exchange.
void run_blocks(dim3 blocks, dim3 threads, const std::function<void()>& thread);

/// The same where blocks may wait for each other: all have begun before the first goes on, and each has its own shared memory,
/// which the kernel finds by shared_memory(): what it declares as __shared__ they would all have together.
void run_at_once(dim3 blocks, dim3 threads, size_t shared_bytes, const std::function<void()>& thread);
void* shared_memory();
/// Other blocks have a turn.
void look_again();

template <class... Parameters, class... Args>
void run(void (*kernel)(Parameters...), dim3 blocks, dim3 threads, Args... args) {
  run_blocks(blocks, threads, [&] { kernel(args...); });
}

template <class... Parameters, class... Args>
void run_at_once(void (*kernel)(Parameters...), dim3 blocks, dim3 threads, size_t shared_bytes, Args... args) {
  run_at_once(blocks, threads, shared_bytes, [&] { kernel(args...); });
}

/// What lane `from` of the caller's warp hands in at the same call; the caller's own where there is no such
/// lane.
uint64_t exchange(uint64_t mine, int from);
int lane();

template <class T>
T exchange_as(unsigned mask, T value, int from);

}  // namespace cuda_on_host

void __syncthreads();
void __syncwarp(unsigned mask = 0xffffffffu);

template <class T>
T cuda_on_host::exchange_as(unsigned mask, T value, int from) {
  static_assert(sizeof(T) <= sizeof(uint64_t) && std::is_trivially_copyable_v<T>);
  if (mask != 0xffffffffu) std::abort();
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  bits = exchange(bits, from);
  std::memcpy(&value, &bits, sizeof(T));
  return value;
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int lanes) {
  return cuda_on_host::exchange_as(mask, value, cuda_on_host::lane() ^ lanes);
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned lanes) {
  return cuda_on_host::exchange_as(mask, value, cuda_on_host::lane() + static_cast<int>(lanes));
}
template <class T>
T __shfl_sync(unsigned mask, T value, int from) {
  return cuda_on_host::exchange_as(mask, value, from % warpSize);
}

template <class T>
T __ldg(const T* p) {
  return *p;
}
template <class T>
T __ldcg(const T* p) {
  return *p;
}
inline void __threadfence() {}
template <class T>
T atomicAdd(T* p, T value) {
  static_assert(std::is_integral_v<T>, "sums of floats must not depend on the order of threads");
  const T before = *p;
  *p += value;
  return before;
}
inline unsigned __umulhi(unsigned a, unsigned b) { return static_cast<unsigned>(uint64_t{a} * b >> 32); }
inline float rsqrtf(float x) { return 1.0f / std::sqrt(x); }
inline float __fdividef(float a, float b) { return a / b; }
inline float __expf(float x) { return std::exp(x); }
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }

template <class A, class B>
constexpr std::common_type_t<A, B> min(A a, B b) {
  return b < a ? b : a;
}
template <class A, class B>
constexpr std::common_type_t<A, B> max(A a, B b) {
  return a < b ? b : a;
}

using cudaStream_t = struct CUstream_st*;
enum cudaError_t { cudaSuccess = 0 };
enum cudaMemcpyKind { cudaMemcpyDeviceToDevice = 3 };
inline cudaError_t cudaGetLastError() { return cudaSuccess; }
inline const char* cudaGetErrorString(cudaError_t) { return "no error"; }
inline cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind, cudaStream_t) {
  if (bytes) std::memcpy(to, from, bytes);
  return cudaSuccess;
}
inline cudaError_t cudaMemsetAsync(void* to, int byte, size_t bytes, cudaStream_t) {
  if (bytes) std::memset(to, byte, bytes);
  return cudaSuccess;
}
