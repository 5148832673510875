#include "data/augment/example.h"

#include <algorithm>
#include <cmath>

namespace lineament {

void make_example(std::span<const uint8_t> pixels, const Keypoints& points, const FaceLayout& layout,
                  const std::optional<AugmentOptions>& draws, uint64_t key, const Example& out) {
  std::ranges::transform(pixels, out.image.begin(), [](uint8_t pixel) { return to_unit(pixel); });
  Keypoints places = points;
  if (draws) augment({out.image, layout.shape}, places, layout.mirror, *draws, key);
  for (size_t c = 0; c < places.size(); ++c) {
    const bool missing = std::isnan(places[c]);
    out.keypoints[c] = missing ? 0.0f : layout.shape.from_pixels(static_cast<int>(c), places[c]);
    out.mask[c] = missing ? 0.0f : 1.0f;
  }
}

}  // namespace lineament
