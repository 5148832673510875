#include "train/loader.h"

#include <algorithm>

#include "base/random.h"
#include "data/augment/example.h"

namespace lineament {
namespace {

constexpr uint64_t kShuffleStream = fnv1a64("shuffle");

}  // namespace

Loader::Loader(const Faces& faces, int batch_size, uint64_t seed, std::optional<AugmentOptions> draws, Backend* device,
               Sampling sampling)
    : faces_(faces),
      batch_size_(static_cast<int>(std::min<size_t>(batch_size, faces.size()))),
      seed_(seed),
      draws_(draws),
      sampling_(sampling) {
  if (device) device_.emplace(*device, faces, draws, seed, batch_size_);
}

int Loader::batches() const { return (static_cast<int>(faces_.size()) + batch_size_ - 1) / batch_size_; }

void Loader::start_epoch(int epoch) {
  next_ = {};  // waits for a batch of the epoch before
  rows_.index = -1;
  epoch_ = epoch;
  order_ = epoch_order(faces_, sampling_, stream_key(stream_key(seed_, kShuffleStream), static_cast<uint64_t>(epoch)));
}

std::span<const uint64_t> Loader::rows_of(int index) const {
  const size_t begin = static_cast<size_t>(index) * batch_size_;
  return std::span(order_).subspan(begin, std::min<size_t>(batch_size_, faces_.size() - begin));
}

Loader::Rows Loader::make(int index) const {
  const std::span<const uint64_t> order = rows_of(index);
  const size_t size = order.size();
  const size_t values = faces_.shape.values(), coordinates = static_cast<size_t>(faces_.set.coordinates());
  Rows rows{index, std::vector<float>(size * values), std::vector<float>(size * coordinates),
            std::vector<float>(size * coordinates)};
  for (size_t k = 0; k < size; ++k) {
    const size_t row = order[k] % faces_.size();
    make_example(faces_.image(row), faces_.keypoints[row], {faces_.shape, faces_.set.mirror}, draws_,
                 augment_key(seed_, static_cast<uint64_t>(epoch_), order[k]),
                 {std::span(rows.images).subspan(k * values, values),
                  std::span(rows.keypoints).subspan(k * coordinates, coordinates),
                  std::span(rows.mask).subspan(k * coordinates, coordinates)});
  }
  return rows;
}

Batch Loader::batch(int index) {
  const int size = static_cast<int>(rows_of(index).size());
  if (device_) return {size, {}, {}, {}, &*device_, rows_of(index), static_cast<uint64_t>(epoch_)};
  rows_ = next_.valid() ? next_.get() : make(index);
  if (rows_.index != index) rows_ = make(index);
  if (index + 1 < batches())
    next_ = std::async(std::launch::async, [this, index] { return make(index + 1); });
  return {.size = size, .images = rows_.images, .keypoints = rows_.keypoints, .mask = rows_.mask};
}

}  // namespace lineament
