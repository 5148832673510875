// Batches made on CUDA beside those of the CPU's loader: the same formulas, so the same faces but for a sine's last place.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "data/contest.h"
#include "base/random.h"
#include "data/drawn/synthetic.h"
#include "network/device_faces.h"
#include "train/loader.h"

using namespace lineament;

namespace {

constexpr uint64_t kSeed = 11;
constexpr int kEpoch = 4;

/// A batch as it comes back from the device; NaN where nothing was written.
struct Made {
  std::vector<float> images, keypoints, mask;

  Made(const DeviceFaces& faces, const PictureShape& shape, int64_t coordinates, int64_t size) {
    Backend& backend = cuda_backend();
    const auto values = static_cast<int64_t>(shape.values()), room = (coordinates + 63) / 64 * 64;
    Memory memory(backend, static_cast<size_t>(size * (values + 2 * room)) * sizeof(float));
    backend.fill(memory.data(), 0xFF, memory.bytes());
    float* at = static_cast<float*>(memory.data());
    const View image_view{{{size, shape.height, shape.width, shape.channels}}, at},
        keypoint_view{{{size, coordinates}}, at + size * values}, mask_view{{{size, coordinates}}, at + size * (values + room)};
    faces.make(image_view, keypoint_view, mask_view);
    const auto read = [&](const View& view, std::vector<float>& to) {
      to.resize(view.desc.elements());
      backend.copy_out(to.data(), view.data, view.desc.bytes());
    };
    read(image_view, images), read(keypoint_view, keypoints), read(mask_view, mask);
  }
};

float largest_difference(std::span<const float> a, std::span<const float> b) {
  REQUIRE(a.size() == b.size());
  float most = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(a[i]) || std::isnan(b[i])) return INFINITY;
    most = std::max(most, std::abs(a[i] - b[i]));
  }
  return most;
}

void compare(const Faces& faces, int batch, std::optional<AugmentOptions> draws) {
  Loader on_cpu(faces, batch, kSeed, draws), on_cuda(faces, batch, kSeed, draws, &cuda_backend());
  on_cpu.start_epoch(kEpoch);
  on_cuda.start_epoch(kEpoch);
  for (int b = 0; b < on_cpu.batches(); ++b) {
    CAPTURE(b);
    const Batch expected = on_cpu.batch(b), asked = on_cuda.batch(b);
    REQUIRE(asked.size == expected.size);
    REQUIRE(asked.faces != nullptr);
    asked.faces->choose(asked.rows, asked.epoch);
    const Made made(*asked.faces, faces.shape, faces.set.coordinates(), asked.size);
    CHECK(largest_difference(made.images, expected.images) < 1e-5f);
    CHECK(largest_difference(made.keypoints, expected.keypoints) < 1e-5f);
    CHECK(largest_difference(made.mask, expected.mask) == 0);
  }
}

}  // namespace

TEST_CASE("faces: a batch on CUDA is the batch of the CPU's loader") {
  const Faces faces = synthetic_faces(13, 3);  // gaps too; the last batch has 3
  REQUIRE(std::ranges::any_of(faces.keypoints, [](const Keypoints& points) { return !is_complete(points); }));
  compare(faces, 5, {});
  compare(faces, 5, AugmentOptions{});
}

/// Faces of noise of any shape and set, every third point missing.
Faces noise(const PictureShape& shape, const KeypointSet& set, size_t count) {
  Faces faces{.set = set, .shape = shape};
  faces.add_rows(count);
  for (size_t i = 0; i < faces.pixels.size(); ++i) faces.pixels[i] = static_cast<uint8_t>(random_bits(5, i) >> 56);
  for (size_t row = 0; row < count; ++row)
    for (int k = 0; k < set.size(); ++k) {
      if ((row + static_cast<size_t>(k)) % 3 == 0) continue;
      const auto n = row * 1000 + static_cast<size_t>(k);
      faces.keypoints[row][2 * k] = static_cast<float>(shape.width) * random_uniform(6, n);
      faces.keypoints[row][2 * k + 1] = static_cast<float>(shape.height) * random_uniform(7, n);
    }
  return faces;
}

TEST_CASE("faces: pictures of any shape, in colour, and points of any set") {
  const KeypointSet sided = keypoint_set_of("sided", {"left_a", "right_a", "b", "left_alone"}, "test");
  struct Row {
    PictureShape shape;
    KeypointSet set;
  };
  for (const Row& row : {Row{{33, 47, 3}, ibug68()},
                         Row{{160, 128, 3}, sided},
                         Row{{127, 101, 1}, keypoint_set_of("one", {"tip"}, "test")}}) {
    CAPTURE(to_string(row.shape));
    const Faces faces = noise(row.shape, row.set, 5);
    compare(faces, 3, {});
    compare(faces, 3, AugmentOptions{.blur = 1});
  }
}

TEST_CASE("faces: each of the draws alone is what it is on the CPU") {
  const Faces faces = synthetic_faces(3, 8);
  constexpr AugmentOptions kStill{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  for (float AugmentOptions::*draw :
       {&AugmentOptions::rotation, &AugmentOptions::scale, &AugmentOptions::shift, &AugmentOptions::shear,
        &AugmentOptions::flip, &AugmentOptions::brightness, &AugmentOptions::contrast, &AugmentOptions::gamma,
        &AugmentOptions::noise, &AugmentOptions::blur, &AugmentOptions::erase}) {
    AugmentOptions options = kStill;
    const bool large = draw == &AugmentOptions::rotation || draw == &AugmentOptions::shift;
    options.*draw = large ? 40.0f : 0.5f;  // points leave the picture
    if (draw == &AugmentOptions::flip || draw == &AugmentOptions::blur || draw == &AugmentOptions::erase)
      options.*draw = 1;
    compare(faces, 3, options);
  }
}
