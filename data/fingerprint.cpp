#include "data/fingerprint.h"

#include <bit>
#include <cmath>

#include "base/random.h"

namespace lineament {
namespace {

uint64_t mixed(uint64_t hash, uint64_t word) { return splitmix64(hash ^ word); }

/// Eight bytes at a time, the first in the lowest bits.
uint64_t mixed(uint64_t hash, std::span<const uint8_t> bytes) {
  size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    uint64_t word = 0;
    for (size_t b = 0; b < 8; ++b) word |= uint64_t{bytes[i + b]} << 8 * b;
    hash = mixed(hash, word);
  }
  for (; i < bytes.size(); ++i) hash = mixed(hash, uint64_t{bytes[i]});
  return mixed(hash, bytes.size());
}

constexpr uint64_t kNoLabel = 0x7FC00000;  // every kind of NaN

}  // namespace

uint64_t picture_fingerprint(const Faces& faces, size_t row) {
  const PictureShape& s = faces.shape;
  uint64_t hash = 0;
  for (const int side : {s.height, s.width, s.channels}) hash = mixed(hash, static_cast<uint64_t>(side));
  return mixed(hash, faces.image(row));
}

uint64_t fingerprint(const Faces& faces) {
  uint64_t hash = faces.size();
  for (const std::string& point : faces.set.points) hash = mixed(hash, fnv1a64(point));
  for (size_t row = 0; row < faces.size(); ++row) {
    if (!faces.pixels.empty()) hash = mixed(hash, picture_fingerprint(faces, row));
    for (const float v : faces.keypoints[row]) hash = mixed(hash, std::isnan(v) ? kNoLabel : uint64_t{std::bit_cast<uint32_t>(v)});
  }
  return hash;
}

}  // namespace lineament
