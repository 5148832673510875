// Elementwise formulas, each written once: the references, the fast CPU kernels and CUDA all run these.
#pragma once
#include <bit>
#include <cmath>
#include <cstdint>
#include <type_traits>

#include "base/random.h"
#include "kernels/ops.h"

#ifdef __CUDACC__
#define LINEAMENT_HD __host__ __device__
#else
#define LINEAMENT_HD [[gnu::always_inline]]  // a call left in a loop leaves the loop without vectors
#endif

namespace lineament {

/// The slope of leaky relu below zero where an op has no setting for it; Keras's default.
inline constexpr float kLeakySlope = 0.3f;

/// e^x without branches or calls, so that loops over it vectorise: x = n ln 2 + r, and a polynomial in r
/// (Cephes's expf). Within 2 units in the last place from -87 to 88;
/// beyond it goes to 0 and infinity. NaN stays NaN.
LINEAMENT_HD inline float exponential(float x) {
#ifdef __CUDA_ARCH__
  return expf(x);
#else
  constexpr float kRound = 0x1.8p23f;  // adding it leaves the nearest integer in the low bits
  constexpr int kZero = std::bit_cast<int>(kRound);
  // n is held to a float's exponents as an integer: held as floats, x would give compilers constants to
  // spread, and their denormal products cost a hundredfold.
  int n_bits = std::bit_cast<int>(x * 1.44269504f + kRound);
  n_bits = n_bits < kZero - 126 ? kZero - 126 : n_bits;
  n_bits = n_bits > kZero + 127 ? kZero + 127 : n_bits;
  const float n = std::bit_cast<float>(n_bits) - kRound;
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  const float y = (p * r * r + r + 1.0f) * std::bit_cast<float>((n_bits - kZero + 127) << 23);
  return y < 0.0f ? 0.0f : y;  // far below -87 the polynomial has left its range
#endif
}

LINEAMENT_HD inline double exponential(double x) { return exp(x); }

/// 1 / (1 + e^-x), with half the instructions of the exponential: 2^t = 2^n 2^r with a polynomial of least relative
/// error in r, and x held to +-87 by its bits, which compilers leave in one line of code. NaN becomes 1: callers that
/// do not multiply by x see to it. Within 1e-6 of itself, 4e-6 without fused multiply-adds, from -87 on.
LINEAMENT_HD inline float sigmoid_of(float x) {
#ifdef __CUDA_ARCH__
  return __fdividef(1.0f, 1.0f + __expf(-x));  // within 1e-5 of itself
#else
  constexpr float kLog2e = 1.44269504f, kRound = 0x1.8p23f;
  constexpr int kMost = std::bit_cast<int>(87.0f);
  constexpr uint32_t kLeast = std::bit_cast<uint32_t>(-87.0f);  // floats below zero grow downwards
  int bits = std::bit_cast<int>(x);
  bits = bits > kMost ? kMost : bits;
  const float z =
      std::bit_cast<float>(static_cast<uint32_t>(bits) > kLeast ? kLeast : static_cast<uint32_t>(bits));
  const float shifted = z * -kLog2e + kRound;  // the nearest integer, n, in its low bits
  const float r = z * -kLog2e - (shifted - kRound);
  float p = 1.326472731e-3f;
  p = p * r + 9.671512991e-3f;
  p = p * r + 5.550733581e-2f;
  p = p * r + 2.402224243e-1f;
  p = p * r + 6.931470037e-1f;
  p = p * r + 1.0f;
  const int n = static_cast<int>(std::bit_cast<uint32_t>(shifted) << 23);
  return 1.0f / (1.0f + std::bit_cast<float>(std::bit_cast<int>(p) + n));
#endif
}

LINEAMENT_HD inline double sigmoid_of(double x) { return 1 / (1 + exp(-x)); }

/// Comparisons are turned so that NaN stays NaN.
template <class T>
LINEAMENT_HD inline T activated(Activation kind, T x, T slope) {
  switch (kind) {
    case Activation::none:
      return x;
    case Activation::relu:
      return x < T(0) ? T(0) : x;
    case Activation::relu6:
      return x < T(0) ? T(0) : x > T(6) ? T(6) : x;
    case Activation::leaky_relu:
      return x > T(0) ? x : slope * x;
    case Activation::swish:
      return x * sigmoid_of(x);
    case Activation::sigmoid:
      return x == x ? sigmoid_of(x) : x;
  }
  return x;
}

/// Whether `activation_slope` reads y, so that x need not be kept;
/// swish, and leaky relu that folds over, read x.
LINEAMENT_HD inline constexpr bool reads_output(Activation kind, float slope) {
  return kind != Activation::swish && !(kind == Activation::leaky_relu && slope <= 0);
}

/// dy/dx, from y or from x as `reads_output` says; where it jumps, what Keras gives.
template <class T>
LINEAMENT_HD inline T activation_slope(Activation kind, T y_or_x, T slope) {
  switch (kind) {
    case Activation::none:
      return T(1);
    case Activation::relu:
      return y_or_x > T(0) ? T(1) : T(0);
    case Activation::relu6:
      return y_or_x > T(0) && y_or_x < T(6) ? T(1) : T(0);
    case Activation::leaky_relu:
      return y_or_x > T(0) ? T(1) : slope;
    case Activation::swish: {
      const T s = sigmoid_of(y_or_x);
      return s * (T(1) + y_or_x * (T(1) - s));
    }
    case Activation::sigmoid:
      return y_or_x * (T(1) - y_or_x);
  }
  return T(1);
}

/// Calls f with the kind as a constant, so that a loop inside f holds no switch.
template <class F>
void by_activation(Activation kind, F&& f) {
  switch (kind) {
    case Activation::none:
      return f(std::integral_constant<Activation, Activation::none>{});
    case Activation::relu:
      return f(std::integral_constant<Activation, Activation::relu>{});
    case Activation::relu6:
      return f(std::integral_constant<Activation, Activation::relu6>{});
    case Activation::leaky_relu:
      return f(std::integral_constant<Activation, Activation::leaky_relu>{});
    case Activation::swish:
      return f(std::integral_constant<Activation, Activation::swish>{});
    case Activation::sigmoid:
      return f(std::integral_constant<Activation, Activation::sigmoid>{});
  }
}

/// The key of one layer's draws at one step; rng = {seed, step}.
LINEAMENT_HD inline uint64_t dropout_key(const uint64_t* rng, uint64_t stream) {
  return stream_key(stream_key(rng[0], rng[1]), stream);
}

/// 32 bits for draw i. Two neighbours share one 64-bit word,
/// low half first, as a little-endian machine stores it.
LINEAMENT_HD inline uint32_t dropout_draw(uint64_t key, uint64_t i) {
  return static_cast<uint32_t>(random_bits(key, i / 2) >> (i % 2 * 32));
}

/// Draws below it are dropped: rate 2^32, for 0 <= rate < 1.
LINEAMENT_HD inline uint32_t dropout_threshold(float rate) { return static_cast<uint32_t>(rate * 0x1p32f); }

}  // namespace lineament
