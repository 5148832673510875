#include "data/filters.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "data/faces.h"
#include "tensor/random.h"

namespace lineament {
namespace {

constexpr int kReach = 2;  // of five taps

/// -1 is pixel 1, 96 is pixel 94.
int mirrored(int i) {
  if (i < 0) return -i;
  return i < kImageSize ? i : 2 * (kImageSize - 1) - i;
}

/// Box and Muller, 1958: a normal draw for each counter.
float normal(uint64_t key, uint64_t counter) {
  const float u = 1 - random_uniform(key, 2 * counter),
              v = random_uniform(key, 2 * counter + 1);  // u in (0, 1]
  return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi_v<float> * v);
}

}  // namespace

void brighten(std::span<float> picture, float factor) {
  for (float& v : picture) v = std::clamp(v * factor, 0.0f, 1.0f);
}

void set_tone(std::span<float> picture, const Tone& tone) {
  for (float& v : picture) v = std::clamp((v - 0.5f) * tone.contrast + 0.5f + tone.brightness, 0.0f, 1.0f);
  if (tone.gamma != 1)
    for (float& v : picture) v = std::pow(v, tone.gamma);
}

void add_noise(std::span<float> picture, float deviation, uint64_t key) {
  for (size_t i = 0; i < picture.size(); ++i)
    picture[i] = std::clamp(picture[i] + deviation * normal(key, i), 0.0f, 1.0f);
}

void blur(std::span<float> picture, float sigma) {
  std::array<float, 2 * kReach + 1> taps;
  float sum = 0;
  for (int i = -kReach; i <= kReach; ++i)
    sum += taps[i + kReach] = std::exp(-float(i * i) / (2 * sigma * sigma));
  for (float& tap : taps) tap /= sum;
  std::array<float, kPixels> across;
  for (int y = 0; y < kImageSize; ++y)
    for (int x = 0; x < kImageSize; ++x) {
      float v = 0;
      for (int i = -kReach; i <= kReach; ++i)
        v += taps[i + kReach] * picture[y * kImageSize + mirrored(x + i)];
      across[y * kImageSize + x] = v;
    }
  for (int y = 0; y < kImageSize; ++y)
    for (int x = 0; x < kImageSize; ++x) {
      float v = 0;
      for (int i = -kReach; i <= kReach; ++i)
        v += taps[i + kReach] * across[mirrored(y + i) * kImageSize + x];
      picture[y * kImageSize + x] = v;
    }
}

void erase(std::span<float> picture, const Box& box, float tone) {
  for (int y = std::max(0, box.y); y < std::min(kImageSize, box.y + box.height); ++y)
    for (int x = std::max(0, box.x); x < std::min(kImageSize, box.x + box.width); ++x)
      picture[y * kImageSize + x] = tone;
}

}  // namespace lineament
