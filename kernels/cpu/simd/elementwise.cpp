// Elementwise kernels: plain loops that vectorise, cut into chunks that threads share.
#include "kernels/cpu/simd/elementwise.h"

#include "kernels/cpu/parallel.h"
#include "kernels/elementwise_ops.h"
#include "kernels/formulas.h"

namespace lineament::LINEAMENT_LEVEL {
namespace {

/// f(i) for every element of output 0.
template <class F>
void each_element(const Call& call, F f) {
  parallel_ranges(static_cast<int64_t>(call.out[0].desc.elements()), kElementwiseGrain,
                  [&](int64_t begin, int64_t end) {
#pragma omp simd
                    for (int64_t i = begin; i < end; ++i) f(i);
                  });
}

}  // namespace

void add_simd(const Call& call) {
  const float *a = call.in[0].as<float>(), *b = call.in[1].as<float>();
  float* y = call.out[0].as<float>();
  each_element(call, [=](int64_t i) { y[i] = a[i] + b[i]; });
}

void activate_simd(const Call& call) {
  const auto p = call.params.as<ActivationParams>();
  const float* x = call.in[0].as<float>();
  float* y = call.out[0].as<float>();
  by_activation(p.kind, [&](auto kind) {
    each_element(call, [=](int64_t i) { y[i] = activated<float>(decltype(kind)::value, x[i], p.slope); });
  });
}

void activate_grad_simd(const Call& call) {
  const auto p = call.params.as<ActivationParams>();
  const float *y_or_x = call.in[0].as<float>(), *dy = call.in[1].as<float>();
  float* dx = call.out[0].as<float>();
  by_activation(p.kind, [&](auto kind) {
    each_element(call, [=](int64_t i) {
      dx[i] = dy[i] * activation_slope<float>(decltype(kind)::value, y_or_x[i], p.slope);
    });
  });
}

namespace {

// Tiles of 48 elements hold whole pixels of 1, 2, 3 or 4 channels, so the constants repeat from tile to tile.
void affine_in_order(const Call& call, const Affine& constants) {
  constexpr int64_t kTile = 48;
  const float* x = call.in[0].as<float>();
  float* y = call.out[0].as<float>();
  float scale[kTile], shift[kTile];
  for (int j = 0; j < kTile; ++j) {
    scale[j] = constants.scale[j % constants.channels];
    shift[j] = constants.shift[j % constants.channels];
  }
  const auto total = static_cast<int64_t>(call.out[0].desc.elements());
  parallel_ranges(total, kElementwiseGrain / kTile * kTile, [&](int64_t begin, int64_t end) {
    for (int64_t tile = begin; tile < end; tile += kTile) {
      const int64_t size = std::min(kTile, end - tile);
#pragma omp simd
      for (int64_t j = 0; j < size; ++j) y[tile + j] = scale[j] * x[tile + j] + shift[j];
    }
  });
}

/// f(pixel of input 0, pixel of output 0) for every pixel; the first is a copy, so they may share storage.
template <class F>
void each_pixel(const Call& call, F f) {
  const int64_t in_channels = call.in[0].shape()[-1], out_channels = call.out[0].shape()[-1];
  const float* in = call.in[0].as<float>();
  float* out = call.out[0].as<float>();
  const int64_t pixels = static_cast<int64_t>(call.in[0].desc.elements()) / in_channels;
  parallel_ranges(pixels, kElementwiseGrain / 4, [&](int64_t begin, int64_t end) {
    float pixel[4];
    for (int64_t i = begin; i < end; ++i) {
      for (int64_t c = 0; c < in_channels; ++c) pixel[c] = in[i * in_channels + c];
      f(pixel, out + i * out_channels);
    }
  });
}

}  // namespace

void affine_simd(const Call& call) {
  const auto& a = call.params.as<Affine>();
  bool in_order = a.channels == 1 || a.channels == call.in[0].shape()[-1];
  for (int k = 0; k < a.channels; ++k) in_order = in_order && a.from[k] == k;
  if (in_order) return affine_in_order(call, a);
  each_pixel(call, [&](const float* x, float* y) {
    for (int k = 0; k < a.channels; ++k) y[k] = a.scale[k] * x[a.from[k]] + a.shift[k];
  });
}

void affine_grad_simd(const Call& call) {
  const auto& p = call.params.as<AffineGradParams>();
  const Affine& a = p.constants;
  each_pixel(call, [&a, channels = p.channels](const float* dy, float* dx) {
    for (int c = 0; c < channels; ++c) dx[c] = 0;
    for (int k = 0; k < a.channels; ++k) dx[a.from[k]] += a.scale[k] * dy[k];
  });
}

}  // namespace lineament::LINEAMENT_LEVEL
