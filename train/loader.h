// Faces to batches: rows in an order drawn from (seed, epoch), pixels as floats, gaps as a mask. The next batch is
// made while this one is learned from; or on the device, out of faces that lie there.
#pragma once
#include <cstdint>
#include <future>
#include <optional>
#include <vector>

#include "data/augment/augment.h"
#include "data/faces.h"
#include "network/device_faces.h"
#include "network/network.h"
#include "train/sampling.h"

namespace lineament {

class Loader {
 public:
  /// `faces`, one at least, must outlive the loader. A batch is never of more than all of them. With `draws` every face is made anew
  /// in every epoch. With `device` they are copied there once, and batches are made there.
  Loader(const Faces& faces, int batch_size, uint64_t seed, std::optional<AugmentOptions> draws = {}, Backend* device = nullptr,
         Sampling sampling = Sampling::rows);

  /// Batches in an epoch; the last may be smaller than the others.
  int batches() const;
  /// Draws the order of an epoch: the same for the same (seed, epoch).
  void start_epoch(int epoch);
  /// A batch of the epoch; valid until the call after. Quickest in order.
  Batch batch(int index);

 private:
  /// What a Batch points at.
  struct Rows {
    int index = -1;
    std::vector<float> images, keypoints, mask;
  };
  std::span<const uint64_t> rows_of(int index) const;
  Rows make(int index) const;

  const Faces& faces_;
  int batch_size_;
  uint64_t seed_;
  std::optional<AugmentOptions> draws_;
  Sampling sampling_;
  std::optional<DeviceFaces> device_;
  int epoch_ = 0;
  std::vector<uint64_t> order_;  // epoch_order()
  Rows rows_;
  std::future<Rows> next_;
};

}  // namespace lineament
