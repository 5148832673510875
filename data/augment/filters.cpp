#include "data/augment/filters.h"

#include <algorithm>
#include <vector>

namespace lineament {

void brighten(std::span<float> values, float factor) {
  for (float& v : values) v = std::clamp(v * factor, 0.0f, 1.0f);
}

void set_tone(std::span<float> values, const Tone& tone) {
  for (float& v : values) v = toned(v, tone);
}

void add_noise(std::span<float> values, float deviation, uint64_t key) {
  for (size_t i = 0; i < values.size(); ++i) values[i] = noisy(values[i], deviation, key, i);
}

namespace {

template <int kChannels>
void blur_channels(float* picture, int height, int width, const BlurTaps& taps) {
  const int row = width * kChannels;
  std::vector<float> across(static_cast<size_t>(height) * row);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < kChannels; ++c)
        across[y * row + x * kChannels + c] =
            blurred(taps, x, width, [&](int i) { return picture[y * row + i * kChannels + c]; });
  for (int y = 0; y < height; ++y)
    for (int i = 0; i < row; ++i)
      picture[y * row + i] = blurred(taps, y, height, [&](int v) { return across[v * row + i]; });
}

}  // namespace

void blur(const FloatPicture& picture, float sigma) {
  const auto blur_any = picture.shape.channels == 1 ? blur_channels<1> : blur_channels<3>;
  blur_any(picture.values.data(), picture.shape.height, picture.shape.width, blur_taps(sigma));
}

void erase(const FloatPicture& picture, const Box& box, float tone) {
  for (int y = std::max(0, box.y); y < std::min(picture.shape.height, box.y + box.height); ++y)
    for (int x = std::max(0, box.x); x < std::min(picture.shape.width, box.x + box.width); ++x)
      for (int c = 0; c < picture.shape.channels; ++c) picture.at(x, y, c) = tone;
}

}  // namespace lineament
