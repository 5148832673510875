// What happens to one pixel's brightness, from 0 to 1. The CPU runs these in filters.cpp, CUDA in kernels/cuda/face_batch.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "base/device_too.h"
#include "base/random.h"

namespace lineament {

/// Contrast about the middle grey, then brightness, then gamma: clip((value - 0.5) * contrast + 0.5 + brightness)^gamma.
struct Tone {
  float brightness = 0, contrast = 1, gamma = 1;
};
LINEAMENT_DEVICE_TOO inline float toned(float value, const Tone& tone) {
  const float lit = std::clamp((value - 0.5f) * tone.contrast + 0.5f + tone.brightness, 0.0f, 1.0f);
  return tone.gamma != 1 ? std::pow(lit, tone.gamma) : lit;
}

/// Box and Muller, 1958: a normal draw for each counter.
LINEAMENT_DEVICE_TOO inline float normal(uint64_t key, uint64_t counter) {
  const float u = 1 - random_uniform(key, 2 * counter),
              v = random_uniform(key, 2 * counter + 1);  // u in (0, 1]
  return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi_v<float> * v);
}
/// Pixel number `i` with Gaussian noise of this deviation, clipped.
LINEAMENT_DEVICE_TOO inline float noisy(float value, float deviation, uint64_t key, uint64_t i) {
  return std::clamp(value + deviation * normal(key, i), 0.0f, 1.0f);
}

inline constexpr int kBlurReach = 2;  // of five taps
/// A Gaussian over five pixels, its sum 1.
struct BlurTaps {
  float at[2 * kBlurReach + 1];
};
LINEAMENT_DEVICE_TOO inline BlurTaps blur_taps(float sigma) {
  BlurTaps taps;
  float sum = 0;
  for (int i = -kBlurReach; i <= kBlurReach; ++i)
    sum += taps.at[i + kBlurReach] = std::exp(-float(i * i) / (2 * sigma * sigma));
  for (float& tap : taps.at) tap /= sum;
  return taps;
}
/// Of `size` pixels: -1 is pixel 1, 96 of 96 is pixel 94: OpenCV's default.
LINEAMENT_DEVICE_TOO inline int mirrored(int i, int size) {
  if (i < 0) return -i;
  return i < size ? i : 2 * (size - 1) - i;
}
/// At `place` of a row or column of `size` pixels.
template <class Pixel>
LINEAMENT_DEVICE_TOO inline float blurred(const BlurTaps& taps, int place, int size, Pixel pixel) {
  float sum = 0;
  for (int i = -kBlurReach; i <= kBlurReach; ++i) sum += taps.at[i + kBlurReach] * pixel(mirrored(place + i, size));
  return sum;
}

/// Pixels from (x, y) on, perhaps beyond the picture's edge.
struct Box {
  int x, y, width, height;

  LINEAMENT_DEVICE_TOO bool covers(int px, int py) const {
    return px >= x && px < x + width && py >= y && py < y + height;
  }
};

}  // namespace lineament
