// image, keypoints, mask of a batch = examples of rows of a set of faces, fresh ones drawn from (seed, epoch, row)
#include "kernels/face_batch.h"

#include <algorithm>

#include "data/augment/example.h"
#include "kernels/cuda/elementwise.h"

namespace lineament {
namespace {

std::vector<Desc> shapes(std::span<const Desc> in, const Params& params) {
  const auto& [height, width, channels] = params.as<FaceBatchParams>().shape;
  const int64_t rows = in[0].shape[0], batch = static_cast<int64_t>(in[2].elements()),
                points = static_cast<int64_t>(in[4].elements());
  const Desc images{{batch, height, width, channels}}, coordinates{{batch, 2 * points}};
  check(in[0] == Desc{{rows, height, width, channels}, DType::u8} && in[1] == Desc{{rows, 2 * points}} &&
            in[2] == Desc{{batch}, DType::u64} && in[3] == Desc{{2}, DType::u64} && in[4] == Desc{{points}, DType::u64},
        "face_batch: pixels {}, keypoints {}, order {}, key {}, mirror {}", to_string(in[0]), to_string(in[1]),
        to_string(in[2]), to_string(in[3]), to_string(in[4]));
  return {images, coordinates, coordinates, images};
}

void reference(const Call& call) {
  const auto& [draws, shape, fresh] = call.params.as<FaceBatchParams>();
  const std::span<const uint8_t> pixels = call.in[0].span<uint8_t>();
  const std::span<const float> points = call.in[1].span<float>();
  const std::span<const uint64_t> order = call.in[2].span<uint64_t>(), key = call.in[3].span<uint64_t>(),
                                  partner = call.in[4].span<uint64_t>();
  const std::span<float> images = call.out[0].span<float>(), keypoints = call.out[1].span<float>(),
                         mask = call.out[2].span<float>();
  const std::vector<int> mirror(partner.begin(), partner.end());
  const size_t values = shape.values(), coordinates = 2 * mirror.size(), rows = points.size() / coordinates;
  for (size_t i = 0; i < order.size(); ++i) {
    const uint64_t row = order[i] % rows;
    const std::span<const float> face = points.subspan(row * coordinates, coordinates);
    make_example(pixels.subspan(row * values, values), {face.begin(), face.end()}, {shape, mirror},
                 fresh ? std::optional(draws) : std::nullopt, augment_key(key[0], key[1], order[i]),
                 {images.subspan(i * values, values), keypoints.subspan(i * coordinates, coordinates),
                  mask.subspan(i * coordinates, coordinates)});
  }
}

// On the CPU the next batch is made on a thread of its own while this one is learned from (train/loader).
const Kernel face_batch_cpu[] = {{"face_batch.cpu.reference", reference}, {}};

}  // namespace

const Op face_batch_op = {
    .name = "face_batch", .shapes = shapes, .grad = nullptr, .cpu = face_batch_cpu, .cuda = face_batch_cuda};

}  // namespace lineament
