// Random numbers as a function: the n-th throw of a key is hash(key + n), the same on every machine.
#pragma once
#include <cstdint>

#include "base/random.h"

namespace lineament {

/// A stream of throws. Two dice with different keys have nothing in common; sums and products only, so that
/// no mathematical library has a say in what is drawn.
class Dice {
 public:
  constexpr Dice(uint64_t seed, uint64_t row) : key_(splitmix64(splitmix64(seed) ^ row)) {}

  constexpr uint64_t bits() { return splitmix64(key_ + counter_++); }
  constexpr float uniform() { return float(bits() >> 40) * (1.0f / 16777216.0f); }  // [0, 1)
  constexpr float between(float low, float high) { return low + (high - low) * uniform(); }
  constexpr bool chance(float share) { return uniform() < share; }
  /// Nearly Gaussian, of mean 0 and deviation 1, never beyond 3.46: four uniforms summed.
  constexpr float normal() {
    float sum = uniform();
    for (int i = 0; i < 3; ++i) sum += uniform();
    return (sum - 2.0f) * 1.7320508f;
  }
  constexpr float normal(float mean, float deviation) { return mean + deviation * normal(); }

 private:
  uint64_t key_;
  uint64_t counter_ = 0;
};

/// Random numbers in [0, 1) at whole places, smooth between them.
inline float smooth_noise(float x, float y, uint32_t seed) {
  int ix = int(x) - (x < 0), iy = int(y) - (y < 0);  // floor, or 1 less, where u is 1
  auto at = [seed](int i, int j) {
    uint32_t h = uint32_t(i) * 0x8da6b343u ^ uint32_t(j) * 0xd8163841u ^ seed;
    h = (h ^ (h >> 15)) * 0x2c1b3c6du;
    h = (h ^ (h >> 12)) * 0x297a2d39u;
    return float((h ^ (h >> 15)) >> 8) * (1.0f / 16777216.0f);
  };
  float u = x - float(ix), v = y - float(iy);
  u = u * u * (3 - 2 * u), v = v * v * (3 - 2 * v);
  float top = at(ix, iy) + u * (at(ix + 1, iy) - at(ix, iy));
  float below = at(ix, iy + 1) + u * (at(ix + 1, iy + 1) - at(ix, iy + 1));
  return top + v * (below - top);
}

}  // namespace lineament
