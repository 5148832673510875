// Tensors read and written as packs of 16 bytes, their arithmetic in float.
#pragma once
#include "kernels/cuda/launch.h"

namespace lineament {

/// Elements of 16 bytes: what a thread moves at once.
template <class T>
inline constexpr int kPack = 16 / static_cast<int>(sizeof(T));

template <int V>
struct Floats {
  float at[V];
};

template <class T, int V>
__device__ inline Floats<V> widened(const Pack<T, V>& pack) {
  Floats<V> x;
  for (int v = 0; v < V; ++v) x.at[v] = static_cast<float>(pack.at[v]);
  return x;
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
  for (int v = 0; v < V; ++v) pack.at[v] = static_cast<T>(x.at[v]);
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
