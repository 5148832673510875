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

Loader::Loader(const Faces& faces, int batch_size, uint64_t seed)
    : faces_(faces),
      batch_size_(batch_size),
      seed_(seed),
      order_(faces.size()),
      images_(static_cast<size_t>(batch_size) * kPixels),
      keypoints_(static_cast<size_t>(batch_size) * kCoordinates),
      mask_(keypoints_.size()) {}

int Loader::batches() const {
  return (static_cast<int>(faces_.size()) + batch_size_ - 1) / batch_size_;
}

void Loader::start_epoch(int epoch) {
  std::iota(order_.begin(), order_.end(), 0u);
  const uint64_t key = stream_key(stream_key(seed_, kShuffleStream), static_cast<uint64_t>(epoch));
  for (size_t i = order_.size(); i > 1; --i) std::swap(order_[i - 1], order_[random_below(key, i, i)]);  // Fisher-Yates
}

Batch Loader::batch(int index) {
  const size_t begin = static_cast<size_t>(index) * batch_size_;
  const size_t size = std::min<size_t>(batch_size_, faces_.size() - begin);
  for (size_t k = 0; k < size; ++k) {
    const uint32_t row = order_[begin + k];
    to_unit(faces_.image(row), std::span(images_).subspan(k * kPixels, kPixels));
    for (int c = 0; c < kCoordinates; ++c) {
      const float px = faces_.keypoints[row][c];
      const bool present = !std::isnan(px);
      keypoints_[k * kCoordinates + c] = present ? from_pixels(px) : 0.0f;
      mask_[k * kCoordinates + c] = present ? 1.0f : 0.0f;
    }
  }
  return {.size = static_cast<int>(size),
          .images = std::span(images_).first(size * kPixels),
          .keypoints = std::span(keypoints_).first(size * kCoordinates),
          .mask = std::span(mask_).first(size * kCoordinates)};
}

}  // namespace lineament
