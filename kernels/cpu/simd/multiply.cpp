// Products with one number a channel or a picture, and the sums that
// are their gradients: pictures are [pixels, c].
#include "kernels/cpu/simd/elementwise.h"
#include "kernels/cpu/parallel.h"

namespace lineament::LINEAMENT_LEVEL {
namespace {

/// x [n, h, w, c] as n pictures of `pixels` rows; `shared`: one number serves a whole picture.
struct Pictures {
  int64_t count, pixels, channels;
  bool shared;

  Pictures(const Shape& x, const Shape& a)
      : count(x[0]), pixels(x[1] * x[2]), channels(x[3]), shared(a[3] == 1) {
    if (shared) pixels *= channels, channels = 1;
  }
};

void multiply_elements(const Call& call) {
  const float *x = call.in[0].as<float>(), *a = call.in[1].as<float>();
  float* y = call.out[0].as<float>();
  parallel_ranges(static_cast<int64_t>(call.out[0].desc.elements()), kElementwiseGrain,
                  [=](int64_t begin, int64_t end) {
#pragma omp simd
                    for (int64_t i = begin; i < end; ++i) y[i] = x[i] * a[i];
                  });
}

/// In 64 sums that vectorise, then one.
float dot(const float* a, const float* b, int64_t size) {
  constexpr int64_t kLanes = 64;
  float sums[kLanes] = {};
  for (int64_t i = 0; i < size; i += kLanes) {
    const int64_t lanes = std::min(kLanes, size - i);
#pragma omp simd
    for (int64_t j = 0; j < lanes; ++j) sums[j] += a[i + j] * b[i + j];
  }
  float sum = 0;
  for (float s : sums) sum += s;
  return sum;
}

}  // namespace

void multiply_simd(const Call& call) {
  if (call.in[0].desc == call.in[1].desc) return multiply_elements(call);
  const Pictures p(call.in[0].shape(), call.in[1].shape());
  const float *x = call.in[0].as<float>(), *a = call.in[1].as<float>();
  float* y = call.out[0].as<float>();
  const int64_t chunk_pixels = std::max<int64_t>(1, kElementwiseGrain / p.channels);
  const int64_t chunks = (p.pixels + chunk_pixels - 1) / chunk_pixels;
  parallel_chunks(p.count * chunks, [=](int64_t task) {
    const int64_t picture = task / chunks, begin = task % chunks * chunk_pixels;
    const int64_t end = std::min(p.pixels, begin + chunk_pixels), first = picture * p.pixels;
    if (p.shared) {
      const float factor = a[picture];
#pragma omp simd
      for (int64_t i = first + begin; i < first + end; ++i) y[i] = x[i] * factor;
      return;
    }
    const float* factors = a + picture * p.channels;
    for (int64_t pixel = first + begin; pixel < first + end; ++pixel) {
      const float* from = x + pixel * p.channels;
      float* to = y + pixel * p.channels;
#pragma omp simd
      for (int64_t c = 0; c < p.channels; ++c) to[c] = from[c] * factors[c];
    }
  });
}

void multiply_reduce_simd(const Call& call) {
  const Pictures p(call.in[0].shape(), call.out[0].shape());
  const float *dy = call.in[0].as<float>(), *x = call.in[1].as<float>();
  float* da = call.out[0].as<float>();
  parallel_chunks(p.count, [=](int64_t picture) {
    const int64_t first = picture * p.pixels * p.channels;
    if (p.shared) {
      da[picture] = dot(dy + first, x + first, p.pixels);
      return;
    }
    float* sums = da + picture * p.channels;
    std::fill_n(sums, p.channels, 0.0f);
    for (int64_t pixel = 0; pixel < p.pixels; ++pixel) {
      const float *dy_row = dy + first + pixel * p.channels, *x_row = x + first + pixel * p.channels;
#pragma omp simd
      for (int64_t c = 0; c < p.channels; ++c) sums[c] += dy_row[c] * x_row[c];
    }
  });
}

}  // namespace lineament::LINEAMENT_LEVEL
