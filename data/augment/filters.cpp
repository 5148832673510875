#include "data/augment/filters.h"

#include <algorithm>
#include <array>

namespace lineament {

void brighten(std::span<float> picture, float factor) {
  for (float& v : picture) v = std::clamp(v * factor, 0.0f, 1.0f);
}

void set_tone(std::span<float> picture, const Tone& tone) {
  for (float& v : picture) v = toned(v, tone);
}

void add_noise(std::span<float> picture, float deviation, uint64_t key) {
  for (size_t i = 0; i < picture.size(); ++i) picture[i] = noisy(picture[i], deviation, key, i);
}

void blur(std::span<float> picture, float sigma) {
  const BlurTaps taps = blur_taps(sigma);
  std::array<float, kPixels> across;
  for (int y = 0; y < kImageSize; ++y)
    for (int x = 0; x < kImageSize; ++x)
      across[y * kImageSize + x] = blurred(taps, x, [&](int i) { return picture[y * kImageSize + i]; });
  for (int y = 0; y < kImageSize; ++y)
    for (int x = 0; x < kImageSize; ++x)
      picture[y * kImageSize + x] = blurred(taps, y, [&](int i) { return across[i * kImageSize + x]; });
}

void erase(std::span<float> picture, const Box& box, float tone) {
  for (int y = std::max(0, box.y); y < std::min(kImageSize, box.y + box.height); ++y)
    for (int x = std::max(0, box.x); x < std::min(kImageSize, box.x + box.width); ++x)
      picture[y * kImageSize + x] = tone;
}

}  // namespace lineament
