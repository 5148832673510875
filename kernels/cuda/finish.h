// What a convolution does with a sum before it stores it, on the device: y = act(scale[o] sum + bias[o] + residual).
#pragma once
#include "kernels/cuda/floats.h"
#include "kernels/finish.h"

namespace lineament {

/// kernels/finish.h's, where pictures may be narrower than vectors.
template <class T>
struct DeviceFinish {
  const float *bias = nullptr, *scale = nullptr;  // [o]; null: zeros, ones
  const T* residual = nullptr;                    // as y; null: zeros
  Activation activation = Activation::none;

  bool changes() const { return bias || scale || residual || activation != Activation::none; }
  /// Element i of y, channel o.
  __device__ float operator()(float sum, int64_t o, int64_t i) const {
    if (scale) sum *= scale[o];
    if (bias) sum += bias[o];
    if (residual) sum += static_cast<float>(residual[i]);
    return activated<float>(activation, sum, kLeakySlope);
  }
};

/// Of a convolution's call, or of a dense layer's, which has no activation.
template <class T>
DeviceFinish<T> device_finish_of(const Call& call, Activation activation) {
  DeviceFinish<T> finish;
  if (call.in.size() > 2) finish.bias = call.in[2].as<float>();
  if (call.in.size() > 3) finish.scale = call.in[3].as<float>();
  if (call.in.size() > 4) finish.residual = call.in[4].as<T>();
  finish.activation = activation;
  return finish;
}

/// Finishes the sums that a library left in call.out[0], if there is anything to finish: one pass over y.
void finish_in_place(const Call& call, Activation activation);

}  // namespace lineament
