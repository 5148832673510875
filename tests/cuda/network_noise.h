// Batches of noise for whole networks, and how far gradients are from others.
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.h"
#include "data/contest.h"
#include "network/network.h"

namespace lineament::test {

/// Pictures in [0,1], points in halves of a side from the centre, none missing.
struct Noise {
  std::vector<float> images, keypoints, mask;
  int size;

  explicit Noise(int n)
      : images(size_t(n) * contest::kValues),
        keypoints(size_t(n) * contest::kCoordinates),
        mask(keypoints.size(), 1.0f),
        size(n) {
    for (size_t i = 0; i < images.size(); ++i) images[i] = random_uniform(1, i);
    for (size_t i = 0; i < keypoints.size(); ++i) keypoints[i] = random_uniform(2, i) - 0.5f;
  }
  Batch batch() const { return {size, images, keypoints, mask}; }
};

/// Of all that is trained, after a training step.
inline std::vector<float> gradients_of(const Network& network) {
  std::vector<float> all;
  for (const Parameter& p : network.parameters().all())
    if (p.home == Home::parameters) {
      const std::vector<float> gradient = network.parameters().read_gradient(p);
      all.insert(all.end(), gradient.begin(), gradient.end());
    }
  return all;
}

/// |got - expected| / |expected|; infinite where one is not finite.
inline double relative_distance(const std::vector<float>& got, const std::vector<float>& expected) {
  double difference = 0, norm = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    if (!std::isfinite(got[i])) return INFINITY;
    difference += std::pow(double(got[i]) - double(expected[i]), 2);
    norm += std::pow(double(expected[i]), 2);
  }
  return std::sqrt(difference) / (std::sqrt(norm) + 1e-12);
}

/// Of the angle between them.
inline double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  double ab = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    ab += double(a[i]) * b[i];
    aa += double(a[i]) * a[i];
    bb += double(b[i]) * b[i];
  }
  return ab / (std::sqrt(aa * bb) + 1e-30);
}

}  // namespace lineament::test
