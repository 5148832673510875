// Faces that lie on the device, and batches made of them there: a step copies a few row numbers, no pictures.
#pragma once
#include <optional>
#include <span>

#include "data/augment/augment.h"
#include "data/faces.h"
#include "tensor/backend.h"

namespace lineament {

class DeviceFaces {
 public:
  /// Batches of at most `most` rows; with `draws` fresh faces, drawn from (seed, epoch, row).
  DeviceFaces(Backend& backend, const Faces& faces, std::optional<AugmentOptions> draws, uint64_t seed,
              int most);

  /// Which rows make() is about; copied to the device.
  void choose(std::span<const uint64_t> rows, uint64_t epoch);
  /// images [n,h,w,c], keypoints [n,2 points], mask [n,2 points] of as many rows as were chosen: no copies, so it can be recorded.
  void make(const View& images, const View& keypoints, const View& mask) const;

 private:
  Backend& backend_;
  std::optional<AugmentOptions> draws_;
  uint64_t seed_;
  PictureShape shape_;
  int64_t count_, points_;
  Memory pixels_, keypoints_, order_, key_, mirror_;
  Memory across_;  // between the blur's two passes
};

}  // namespace lineament
