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

void blur(const FloatPicture& picture, float sigma) {
  const auto [height, width, channels] = picture.shape;
  const BlurTaps taps = blur_taps(sigma);
  std::vector<float> blurred_across(picture.values.size());
  const FloatPicture across{blurred_across, picture.shape};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < channels; ++c)
        across.at(x, y, c) = blurred(taps, x, width, [&](int i) { return picture.at(i, y, c); });
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < channels; ++c)
        picture.at(x, y, c) = blurred(taps, y, height, [&](int i) { return across.at(x, i, c); });
}

void erase(const FloatPicture& picture, const Box& box, float tone) {
  for (int y = std::max(0, box.y); y < std::min(picture.shape.height, box.y + box.height); ++y)
    for (int x = std::max(0, box.x); x < std::min(picture.shape.width, box.x + box.width); ++x)
      for (int c = 0; c < picture.shape.channels; ++c) picture.at(x, y, c) = tone;
}

}  // namespace lineament
