// Tensors read and written as packs of 16 bytes, their arithmetic in float.
#pragma once
#include <bit>

#include "kernels/cuda/launch.h"

namespace lineament {

/// Elements of 16 bytes: what a thread moves at once.
template <class T>
inline constexpr int kPack = 16 / static_cast<int>(sizeof(T));

template <int V>
struct Floats {
  float at[V];
};

template <int V>
__device__ inline Floats<V> widened(const Pack<float, V>& pack) {
  Floats<V> x;
  for (int v = 0; v < V; ++v) x.at[v] = pack.at[v];
  return x;
}
/// Of a pack of bf16: a float is one instruction away from its half.
template <int V>
struct alignas(2 * V) Words {
  uint32_t at[V / 2];
};
template <int V>
__device__ inline Floats<V> widened(const Pack<bfloat16, V>& pack) {
  Floats<V> x;
  if constexpr (V == 1) {
    x.at[0] = static_cast<float>(pack.at[0]);
  } else {
    const auto words = std::bit_cast<Words<V>>(pack);
    for (int v = 0; v < V; v += 2) {
      x.at[v] = std::bit_cast<float>(words.at[v / 2] << 16);
      x.at[v + 1] = std::bit_cast<float>(words.at[v / 2] & 0xFFFF0000u);
    }
  }
  return x;
}
/// To the nearest, ties to even. A GPU has an instruction for it; of NaN it makes another NaN than the CPU.
__device__ inline uint32_t narrowed_pair(float low, float high) {
#ifdef __CUDA_ARCH__
  uint32_t pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
  return pair;
#else
  return uint32_t{bfloat16(low).bits} | uint32_t{bfloat16(high).bits} << 16;
#endif
}
template <int V>
__device__ inline void narrow(const Floats<V>& x, Pack<float, V>& pack) {
  for (int v = 0; v < V; ++v) pack.at[v] = x.at[v];
}
template <int V>
__device__ inline void narrow(const Floats<V>& x, Pack<bfloat16, V>& pack) {
  if constexpr (V == 1) {
    pack.at[0] = bfloat16(x.at[0]);
  } else {
    Words<V> words;
    for (int v = 0; v < V; v += 2) words.at[v / 2] = narrowed_pair(x.at[v], x.at[v + 1]);
    pack = std::bit_cast<Pack<bfloat16, V>>(words);
  }
}
template <int V, class T>
__device__ inline Pack<T, V> load_pack(const T* from) {
  return *reinterpret_cast<const Pack<T, V>*>(from);
}
template <int V, class T>
__device__ inline Floats<V> load(const T* from) {
  return widened(load_pack<V>(from));
}
template <int V, class T>
__device__ inline void store(T* to, const Floats<V>& x) {
  Pack<T, V> pack;
  narrow(x, pack);
  *reinterpret_cast<Pack<T, V>*>(to) = pack;
}

/// Whether all tensors lie where packs may: backends and plans see to it, other callers may not.
inline bool packs_fit(const Call& call) {
  uintptr_t low_bits = 0;
  for (std::span<const View> views : {call.in, call.out})
    for (const View& view : views) low_bits |= reinterpret_cast<uintptr_t>(view.data);
  return low_bits % 32 == 0;  // a vector of floats beside 8 elements of bf16
}

/// Calls f with a value of the type that `view` has, and the elements of a pack as a constant: 1 where packs
/// of neighbours would go past the end of a row of `channels`.
template <class F>
void by_pack(const Call& call, const View& view, int64_t channels, F&& f) {
  by_storage(view, [&]<class T>(T) {
    if (channels % kPack<T> == 0 && packs_fit(call))
      f(T{}, std::integral_constant<int, kPack<T>>{});
    else
      f(T{}, std::integral_constant<int, 1>{});
  });
}

}  // namespace lineament
