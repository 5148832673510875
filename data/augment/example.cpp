#include "data/augment/example.h"

#include <algorithm>
#include <cmath>

namespace lineament {

void make_example(std::span<const uint8_t> pixels, const Keypoints& points,
                  const std::optional<AugmentOptions>& draws, uint64_t key, const Example& out) {
  std::ranges::transform(pixels, out.image.begin(), [](uint8_t pixel) { return to_unit(pixel); });
  Keypoints places = points;
  if (draws) augment(out.image, places, *draws, key);
  for (int c = 0; c < kCoordinates; ++c) {
    const bool missing = std::isnan(places[c]);
    out.keypoints[c] = missing ? 0.0f : from_pixels(places[c]);
    out.mask[c] = missing ? 0.0f : 1.0f;
  }
}

}  // namespace lineament
