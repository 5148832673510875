#include "train/loader.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tensor/random.h"

namespace lineament {
namespace {

constexpr uint64_t kShuffleStream = fnv1a64("shuffle");

}  // namespace

void to_unit(std::span<const uint8_t> pixels, std::span<float> out) {
  for (size_t i = 0; i < pixels.size(); ++i) out[i] = static_cast<float>(pixels[i]) / 255.0f;
}

Loader::Loader(const Faces& faces, int batch_size, uint64_t seed, std::optional<AugmentOptions> draws)
    : faces_(faces), batch_size_(batch_size), seed_(seed), draws_(draws), order_(faces.size()) {}

int Loader::batches() const { return (static_cast<int>(faces_.size()) + batch_size_ - 1) / batch_size_; }

void Loader::start_epoch(int epoch) {
  next_ = {};  // waits for a batch of the epoch before
  rows_.index = -1;
  epoch_ = epoch;
  std::iota(order_.begin(), order_.end(), 0u);
  const uint64_t key = stream_key(stream_key(seed_, kShuffleStream), static_cast<uint64_t>(epoch));
  for (size_t i = order_.size(); i > 1; --i)
    std::swap(order_[i - 1], order_[random_below(key, i, i)]);  // Fisher-Yates
}

Loader::Rows Loader::make(int index) const {
  const size_t begin = static_cast<size_t>(index) * batch_size_;
  const size_t size = std::min<size_t>(batch_size_, faces_.size() - begin);
  Rows rows{index, std::vector<float>(size * kPixels), std::vector<float>(size * kCoordinates),
            std::vector<float>(size * kCoordinates)};
  for (size_t k = 0; k < size; ++k) {
    const uint32_t row = order_[begin + k];
    const std::span<float> picture = std::span(rows.images).subspan(k * kPixels, kPixels);
    to_unit(faces_.image(row), picture);
    Keypoints points = faces_.keypoints[row];
    if (draws_) augment(picture, points, *draws_, augment_key(seed_, epoch_, row));
    for (int c = 0; c < kCoordinates; ++c) {
      if (std::isnan(points[c])) continue;
      rows.keypoints[k * kCoordinates + c] = from_pixels(points[c]);
      rows.mask[k * kCoordinates + c] = 1;
    }
  }
  return rows;
}

Batch Loader::batch(int index) {
  rows_ = next_.valid() ? next_.get() : make(index);
  if (rows_.index != index) rows_ = make(index);
  if (index + 1 < batches())
    next_ = std::async(std::launch::async, [this, index] { return make(index + 1); });
  return {.size = static_cast<int>(rows_.mask.size()) / kCoordinates,
          .images = rows_.images,
          .keypoints = rows_.keypoints,
          .mask = rows_.mask};
}

}  // namespace lineament
