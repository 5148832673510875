#include "network/device_faces.h"

#include <array>

#include "kernels/face_batch.h"
#include "tensor/op_call.h"

namespace lineament {

DeviceFaces::DeviceFaces(Backend& backend, const Faces& faces, std::optional<AugmentOptions> draws,
                         uint64_t seed, int most)
    : backend_(backend),
      draws_(draws),
      seed_(seed),
      shape_(faces.shape),
      count_(static_cast<int64_t>(faces.size())),
      points_(faces.set.size()),
      pixels_(backend, faces.pixels.size()),
      keypoints_(backend, faces.size() * static_cast<size_t>(faces.set.coordinates()) * sizeof(float)),
      order_(backend, static_cast<size_t>(most) * sizeof(uint64_t)),
      key_(backend, 2 * sizeof(uint64_t)),
      mirror_(backend, faces.set.mirror.size() * sizeof(uint64_t)),
      across_(backend, static_cast<size_t>(most) * faces.shape.values() * sizeof(float)) {
  std::vector<float> keypoints;
  for (const Keypoints& points : faces.keypoints) keypoints.insert(keypoints.end(), points.begin(), points.end());
  const std::vector<uint64_t> mirror(faces.set.mirror.begin(), faces.set.mirror.end());
  backend.copy_in(pixels_.data(), faces.pixels.data(), faces.pixels.size());
  backend.copy_in(keypoints_.data(), keypoints.data(), keypoints_.bytes());
  backend.copy_in(mirror_.data(), mirror.data(), mirror_.bytes());
}

void DeviceFaces::choose(std::span<const uint64_t> rows, uint64_t epoch) {
  check(rows.size_bytes() <= order_.bytes(), "{} rows chosen, room for {}", rows.size(),
        order_.bytes() / sizeof(uint64_t));
  const std::array key{seed_, epoch};
  backend_.copy_in(order_.data(), rows.data(), rows.size_bytes());
  backend_.copy_in(key_.data(), key.data(), sizeof key);
}

void DeviceFaces::make(const View& images, const View& keypoints, const View& mask) const {
  const std::array<View, 5> in{
      View{{{count_, shape_.height, shape_.width, shape_.channels}, DType::u8}, pixels_.data()},
      View{{{count_, 2 * points_}}, keypoints_.data()},
      View{{{images.shape()[0]}, DType::u64}, order_.data()},
      View{{{2}, DType::u64}, key_.data()},
      View{{{points_}, DType::u64}, mirror_.data()}};
  run_op(backend_, face_batch_op, in, std::array{images, keypoints, mask, View{images.desc, across_.data()}},
         FaceBatchParams{draws_.value_or(AugmentOptions{}), shape_, draws_.has_value()});
}

}  // namespace lineament
