// y[...,k] = scale[k] x[...,from[k]] + shift[k]: one number for all elements, or a pixel of up to 4 channels
// a thread.
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/map.h"
#include "kernels/elementwise_ops.h"

namespace lineament {
namespace {

constexpr int kMost = 4;  // channels of a pixel

struct ScaleAndShift {
  float scale, shift;
  __device__ float operator()(int64_t, float x) const { return scale * x + shift; }
};

/// Affine as a kernel takes it.
struct Constants {
  float scale[kMost], shift[kMost];
  int from[kMost];

  explicit Constants(const Affine& p) {
    for (size_t k = 0; k < kMost; ++k) scale[k] = p.scale[k], shift[k] = p.shift[k], from[k] = p.from[k];
  }
};

struct Forward {
  Constants p;
  __device__ void operator()(const float* x, float* y) const {
    for (int k = 0; k < kMost; ++k) {
      float picked = 0;
      for (int c = 0; c < kMost; ++c) picked = p.from[k] == c ? x[c] : picked;  // a register has no address
      y[k] = p.scale[k] * picked + p.shift[k];
    }
  }
};
struct Backward {
  Constants p;
  int channels;  // of y
  __device__ void operator()(const float* dy, float* dx) const {
    for (int c = 0; c < kMost; ++c) {
      dx[c] = 0;
      for (int k = 0; k < kMost; ++k)
        if (k < channels && p.from[k] == c) dx[c] += p.scale[k] * dy[k];
    }
  }
};

/// x and y may be one.
template <class T, class F>
__global__ void pixels_kernel(F f, int64_t pixels, int x_channels, int y_channels, const T* x, T* y) {
  after_previous_kernel();
  const int64_t i = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i >= pixels) return;
  float in[kMost], out[kMost];
  for (int c = 0; c < kMost; ++c) in[c] = c < x_channels ? static_cast<float>(x[i * x_channels + c]) : 0.0f;
  f(in, out);
  for (int k = 0; k < kMost; ++k)
    if (k < y_channels) y[i * y_channels + k] = static_cast<T>(out[k]);
}

template <class F>
void each_pixel(const Call& call, F f) {
  const auto x_channels = static_cast<int>(call.in[0].shape()[-1]),
             y_channels = static_cast<int>(call.out[0].shape()[-1]);
  const int64_t pixels = static_cast<int64_t>(call.in[0].desc.elements()) / x_channels;
  by_storage(call.in[0], [&]<class T>(T) {
    launch(pixels_kernel<T, F>, blocks_for(pixels), kBlockThreads, call, f, pixels, x_channels, y_channels,
           static_cast<const T*>(call.in[0].as<T>()), call.out[0].as<T>());
  });
}

void forward(const Call& call) {
  const auto& p = call.params.as<Affine>();
  if (p.channels > 1) return each_pixel(call, Forward{Constants(p)});
  by_storage(call.in[0], [&]<class T>(T) {
    map(call, ScaleAndShift{p.scale[0], p.shift[0]}, call.out[0].as<T>(), call.in[0].as<T>());
  });
}

void backward(const Call& call) {
  const auto& p = call.params.as<AffineGradParams>();
  each_pixel(call, Backward{Constants(p.constants), p.constants.channels});
}

}  // namespace

const Kernel affine_cuda[] = {{"affine.cuda", forward}, {}};
const Kernel affine_grad_cuda[] = {{"affine_grad.cuda", backward}, {}};

}  // namespace lineament
