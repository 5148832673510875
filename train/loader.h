// Faces to batches: rows in an order drawn from (seed, epoch), pixels as floats, gaps as a mask.
#pragma once
#include <cstdint>
#include <vector>

#include "data/faces.h"
#include "train/step.h"

namespace lineament {

class Loader {
 public:
  /// `faces` must outlive the loader.
  Loader(const Faces& faces, int batch_size, uint64_t seed);

  /// Batches in an epoch; the last may be smaller than the others.
  int batches() const;
  /// Draws the order of an epoch: the same for the same (seed, epoch).
  void start_epoch(int epoch);
  /// The next batch; valid until the call after.
  Batch batch(int index);

 private:
  const Faces& faces_;
  int batch_size_;
  uint64_t seed_;
  std::vector<uint32_t> order_;
  std::vector<float> images_, keypoints_, mask_;
};

/// Bytes 0..255 to floats 0..1.
void to_unit(std::span<const uint8_t> pixels, std::span<float> out);

}  // namespace lineament
