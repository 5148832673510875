// Lanes: one register of floats, as wide as the processor's, and the walk over channels in such registers.
#pragma once
#include <cstdint>
#include <cstring>

namespace lineament::LINEAMENT_LEVEL {

#if defined(__AVX512F__)
inline constexpr int kLanes = 16;
#elif defined(__AVX__)
inline constexpr int kLanes = 8;
#else
inline constexpr int kLanes = 4;
#endif

inline constexpr int64_t kLineFloats = 16;  // of a cache line

typedef float Lanes __attribute__((vector_size(kLanes * 4)));
typedef int32_t IntLanes __attribute__((vector_size(kLanes * 4)));
typedef uint8_t ByteLanes __attribute__((vector_size(kLanes)));

/// Lane i of x[index[i]], and of the two registers a and b as one. Where the compiler knows `index`, one or two instructions.
#if defined(__clang__)
inline Lanes shuffled(Lanes x, IntLanes index) {
  Lanes y;
#pragma clang loop unroll(full)
  for (int i = 0; i < kLanes; ++i) y[i] = x[index[i]];
  return y;
}
inline Lanes shuffled(Lanes a, Lanes b, IntLanes index) {
  Lanes y;
#pragma clang loop unroll(full)
  for (int i = 0; i < kLanes; ++i) y[i] = index[i] < kLanes ? a[index[i]] : b[index[i] - kLanes];
  return y;
}
#else
inline Lanes shuffled(Lanes x, IntLanes index) { return __builtin_shuffle(x, index); }
inline Lanes shuffled(Lanes a, Lanes b, IntLanes index) { return __builtin_shuffle(a, b, index); }
#endif

inline Lanes broadcast(float x) { return x - Lanes{}; }  // + would be an addition: it turns -0 into 0

/// The channels that one step works on: V registers from channel `first`.
/// Less than one register when not kWhole.
template <int V, bool kWhole = true>
struct Channels {
  static constexpr int kVectors = V;
  int64_t first;
  int64_t count = kLanes;  // in use of a register

  template <class Register = Lanes, class T>
  Register load(const T* row, int v) const {
    Register lanes{};
    std::memcpy(&lanes, row + first + v * kLanes, kWhole ? sizeof lanes : count * sizeof(T));
    return lanes;
  }
  template <class Register, class T>
  void store(T* row, int v, const Register& lanes) const {
    std::memcpy(row + first + v * kLanes, &lanes, kWhole ? sizeof lanes : count * sizeof(T));
  }
};

/// Calls f(Channels<...>), at most V registers at a time, until [0, c) is covered. The last register may overlap the
/// one before: f writes, never adds, to memory that an earlier call wrote.
template <int V = 4, class F>
void over_channels(int64_t c, F&& f) {
  int64_t first = 0;
  for (; first + V * kLanes <= c; first += V * kLanes) f(Channels<V>{first});
  for (; first + kLanes <= c; first += kLanes) f(Channels<1>{first});
  if (first == c) return;
  if (c >= kLanes)
    f(Channels<1>{c - kLanes});
  else
    f(Channels<1, false>{0, c});
}

}  // namespace lineament::LINEAMENT_LEVEL
