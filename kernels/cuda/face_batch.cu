// Examples made where they are learned from: a block a face, from the warp to the last filter.
#include "data/augment/filter_formulas.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/launch.h"
#include "kernels/face_batch.h"

namespace lineament {
namespace {

struct Rows {
  const uint8_t* pixels;
  const float* points;
  const uint64_t *order, *key, *mirror;
  uint64_t faces;
  int count;  // of points
};
struct Examples {
  float *images, *keypoints, *mask, *across;
};

/// Where a value of a picture lies.
struct Place {
  int x, y, c;
};
__device__ Place place_of(int i, const PictureShape& shape) {
  const int pixel = i / shape.channels;
  return {pixel % shape.width, pixel / shape.width, i % shape.channels};
}
__device__ int index_of(int x, int y, int c, const PictureShape& shape) {
  return (y * shape.width + x) * shape.channels + c;
}

__device__ float source_value(const uint8_t* source, const PictureShape& shape, int x, int y, int c) {
  const int inside_x = x < 0 ? 0 : x >= shape.width ? shape.width - 1 : x;  // the edge goes on
  const int inside_y = y < 0 ? 0 : y >= shape.height ? shape.height - 1 : y;
  return to_unit(source[index_of(inside_x, inside_y, c, shape)]);
}

/// A value after the warp, the mirror and the tone.
__device__ float moved_value(const uint8_t* source, const PictureShape& shape, const Draws& d, const PlaneMap& back,
                             const Place& at) {
  const Source from = source_of(back, shape, d.mirror ? shape.width - 1 - at.x : at.x, at.y);
  const float seen = seen_from(
      from, [&](int i, int j) { return source_value(source, shape, from.x - 1 + j, from.y - 1 + i, at.c); });
  return toned(seen, d.tone);
}

/// Calls f(i) for the values of a picture, those of a thread in every call of this the same ones.
template <class F>
__device__ void each_value(int values, F f) {
  for (int i = static_cast<int>(threadIdx.x); i < values; i += kBlockThreads) f(i);
}

/// What a fresh face's values become, in `picture`; all threads of the block together. `across` is room for as many.
__device__ void draw_picture(const uint8_t* source, const PictureShape& shape, const Draws& d, float* picture, float* across) {
  const int values = static_cast<int>(shape.values());
  const PlaneMap back = back_from(d.map);
  each_value(values, [&](int i) { picture[i] = moved_value(source, shape, d, back, place_of(i, shape)); });
  if (d.blurs) {
    const BlurTaps taps = blur_taps(d.sigma);
    __syncthreads();
    each_value(values, [&](int i) {
      const Place at = place_of(i, shape);
      across[i] =
          blurred(taps, at.x, shape.width, [&](int x) { return picture[index_of(x, at.y, at.c, shape)]; });
    });
    __syncthreads();
    each_value(values, [&](int i) {
      const Place at = place_of(i, shape);
      picture[i] =
          blurred(taps, at.y, shape.height, [&](int y) { return across[index_of(at.x, y, at.c, shape)]; });
    });
  }
  each_value(values, [&](int i) {
    const Place at = place_of(i, shape);
    if (d.deviation > 0) picture[i] = noisy(picture[i], d.deviation, d.noise_key, static_cast<uint64_t>(i));
    if (d.erases && d.box.covers(at.x, at.y)) picture[i] = d.box_tone;
  });
}

__global__ void face_batch_kernel(Rows rows, AugmentOptions options, PictureShape shape, bool fresh, Examples out) {
  after_previous_kernel();
  __shared__ Draws draws;
  const int thread = static_cast<int>(threadIdx.x), values = static_cast<int>(shape.values());
  const uint64_t example = rows.order[blockIdx.x], row = example % rows.faces;
  const uint8_t* source = rows.pixels + row * values;
  float* picture = out.images + int64_t{blockIdx.x} * values;
  if (fresh && thread == 0) draws = draws_of(options, shape, augment_key(rows.key[0], rows.key[1], example));
  __syncthreads();
  if (fresh)
    draw_picture(source, shape, draws, picture, out.across + int64_t{blockIdx.x} * values);
  else
    each_value(values, [&](int i) { picture[i] = to_unit(source[i]); });

  for (int k = thread; k < rows.count; k += kBlockThreads) {
    const float* points = rows.points + row * 2 * rows.count;
    const DrawnPoint place =
        fresh ? drawn_point(points, rows.mirror, k, shape, draws) : DrawnPoint{points[2 * k], points[2 * k + 1]};
    const float coordinates[] = {place.x, place.y};
    for (int c = 0; c < 2; ++c) {
      const bool missing = coordinates[c] != coordinates[c];
      const int64_t at = (int64_t{blockIdx.x} * rows.count + k) * 2 + c;
      out.keypoints[at] = missing ? 0.0f : shape.from_pixels(c, coordinates[c]);
      out.mask[at] = missing ? 0.0f : 1.0f;
    }
  }
}

void face_batch_run(const Call& call) {
  const auto p = call.params.as<FaceBatchParams>();
  const Rows rows{call.in[0].as<uint8_t>(),  call.in[1].as<float>(),    call.in[2].as<uint64_t>(),
                  call.in[3].as<uint64_t>(), call.in[4].as<uint64_t>(),
                  static_cast<uint64_t>(call.in[0].desc.shape[0]), static_cast<int>(call.in[4].desc.elements())};
  const Examples out{call.out[0].as<float>(), call.out[1].as<float>(), call.out[2].as<float>(), call.out[3].as<float>()};
  launch(face_batch_kernel, static_cast<unsigned>(call.in[2].desc.elements()), kBlockThreads, call, rows, p.draws, p.shape,
         p.fresh, out);
}

}  // namespace

const Kernel face_batch_cuda[] = {{"face_batch.cuda", face_batch_run}, {}};

}  // namespace lineament
