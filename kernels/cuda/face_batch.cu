// Examples made where they are learned from: a block a face, its picture in shared memory from the warp to the last filter.
#include "data/augment/filter_formulas.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/launch.h"
#include "kernels/face_batch.h"

namespace lineament {
namespace {

constexpr int kThreads = 256;
constexpr int kEach = kPixels / kThreads;  // pixels of a thread: every kThreads-th
static_assert(kEach * kThreads == kPixels && kThreads >= kCoordinates);

struct Rows {
  const uint8_t* pixels;
  const float* points;
  const uint64_t *order, *key;
};
struct Examples {
  float *images, *keypoints, *mask;
};

__device__ float source_pixel(const uint8_t* source, int x, int y) {
  const int inside_x = x < 0 ? 0 : x >= kImageSize ? kImageSize - 1 : x;  // the edge goes on
  const int inside_y = y < 0 ? 0 : y >= kImageSize ? kImageSize - 1 : y;
  return to_unit(source[inside_y * kImageSize + inside_x]);
}

/// Pixel (x, y) after the warp, the mirror and the tone.
__device__ float moved_pixel(const uint8_t* source, const Draws& d, const PlaneMap& back, int x, int y) {
  const Source from = source_of(back, d.mirror ? kImageSize - 1 - x : x, y);
  const float seen =
      seen_from(from, [&](int i, int j) { return source_pixel(source, from.x - 1 + j, from.y - 1 + i); });
  return toned(seen, d.tone);
}

/// picture[i] = f(x, y) for all, each value worked out before any is overwritten.
template <class F>
__device__ void replace_pixels(float* picture, F f) {
  float held[kEach];
#pragma unroll
  for (int e = 0; e < kEach; ++e) {
    const int i = static_cast<int>(threadIdx.x) + e * kThreads;
    held[e] = f(i % kImageSize, i / kImageSize);
  }
  __syncthreads();
#pragma unroll
  for (int e = 0; e < kEach; ++e) picture[static_cast<int>(threadIdx.x) + e * kThreads] = held[e];
  __syncthreads();
}

/// What a fresh face's pixels become, in `picture`; all threads of the block together.
__device__ void draw_picture(const uint8_t* source, const Draws& d, float* picture) {
  const PlaneMap back = back_from(d.map);
  for (int i = static_cast<int>(threadIdx.x); i < kPixels; i += kThreads)
    picture[i] = moved_pixel(source, d, back, i % kImageSize, i / kImageSize);
  __syncthreads();
  if (d.blurs) {
    const BlurTaps taps = blur_taps(d.sigma);
    replace_pixels(picture, [&](int x, int y) {
      return blurred(taps, x, [&](int at) { return picture[y * kImageSize + at]; });
    });
    replace_pixels(picture, [&](int x, int y) {
      return blurred(taps, y, [&](int at) { return picture[at * kImageSize + x]; });
    });
  }
  for (int i = static_cast<int>(threadIdx.x); i < kPixels;
       i += kThreads) {  // each its own pixels from here on
    if (d.deviation > 0) picture[i] = noisy(picture[i], d.deviation, d.noise_key, static_cast<uint64_t>(i));
    if (d.erases && d.box.covers(i % kImageSize, i / kImageSize)) picture[i] = d.box_tone;
  }
}

__global__ void face_batch_kernel(Rows rows, AugmentOptions options, bool fresh, Examples out) {
  __shared__ uint8_t source[kPixels];
  __shared__ float picture[kPixels];
  __shared__ Draws draws;
  const int thread = static_cast<int>(threadIdx.x);
  const uint64_t row = rows.order[blockIdx.x];
  const uint8_t* pixels = rows.pixels + row * kPixels;
  for (int i = thread; i < kPixels; i += kThreads) source[i] = pixels[i];
  if (fresh && thread == 0) draws = draws_of(options, augment_key(rows.key[0], rows.key[1], row));
  __syncthreads();
  if (fresh) draw_picture(source, draws, picture);
  float* image = out.images + int64_t{blockIdx.x} * kPixels;
  for (int i = thread; i < kPixels; i += kThreads) image[i] = fresh ? picture[i] : to_unit(source[i]);

  if (thread >= kPoints) return;
  const float* points = rows.points + row * kCoordinates;
  const DrawnPoint place =
      fresh ? drawn_point(points, thread, draws) : DrawnPoint{points[2 * thread], points[2 * thread + 1]};
  const float coordinates[] = {place.x, place.y};
  for (int c = 0; c < 2; ++c) {
    const bool missing = coordinates[c] != coordinates[c];
    const int64_t at = int64_t{blockIdx.x} * kCoordinates + 2 * thread + c;
    out.keypoints[at] = missing ? 0.0f : from_pixels(coordinates[c]);
    out.mask[at] = missing ? 0.0f : 1.0f;
  }
}

void face_batch_run(const Call& call) {
  const auto p = call.params.as<FaceBatchParams>();
  const Rows rows{call.in[0].as<uint8_t>(), call.in[1].as<float>(), call.in[2].as<uint64_t>(),
                  call.in[3].as<uint64_t>()};
  const Examples out{call.out[0].as<float>(), call.out[1].as<float>(), call.out[2].as<float>()};
  launch(face_batch_kernel, static_cast<unsigned>(call.in[2].desc.elements()), kThreads, call, rows, p.draws,
         p.fresh, out);
}

}  // namespace

const Kernel face_batch_cuda[] = {{"face_batch.cuda", face_batch_run}, {}};

}  // namespace lineament
