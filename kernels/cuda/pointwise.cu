// y = f(x), dx = f'(y or x) dy, a + b; and the same elements under another shape.
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/map.h"
#include "kernels/elementwise_ops.h"

namespace lineament {
namespace {

template <Activation kind>
struct Activate {
  float slope;
  __device__ float operator()(int64_t, float x) const { return activated<float>(kind, x, slope); }
};
template <Activation kind>
struct ActivateGrad {
  float slope;
  __device__ float operator()(int64_t, float y_or_x, float dy) const {
    return dy * activation_slope<float>(kind, y_or_x, slope);
  }
};
struct Add {
  __device__ float operator()(int64_t, float a, float b) const { return a + b; }
};
struct Same {
  __device__ float operator()(int64_t, float x) const { return x; }
};

void activate_run(const Call& call) {
  const auto p = call.params.as<ActivationParams>();
  by_storage(call.in[0], [&]<class T>(T) {
    by_activation(p.kind, [&](auto kind) {
      map(call, Activate<decltype(kind)::value>{p.slope}, call.out[0].as<T>(), call.in[0].as<T>());
    });
  });
}

void activate_grad_run(const Call& call) {
  const auto p = call.params.as<ActivationParams>();
  by_storage(call.in[0], [&]<class T>(T) {
    by_activation(p.kind, [&](auto kind) {
      map(call, ActivateGrad<decltype(kind)::value>{p.slope}, call.out[0].as<T>(), call.in[0].as<T>(),
          call.in[1].as<T>());
    });
  });
}

void add_run(const Call& call) {
  by_storage(call.in[0], [&]<class T>(T) {
    map(call, Add{}, call.out[0].as<T>(), call.in[0].as<T>(), call.in[1].as<T>());
  });
}

/// Into the other type where a vector floats in f32 beside a picture in bf16.
void reshape_run(const Call& call) {
  const View &x = call.in[0], &y = call.out[0];
  if (x.desc.dtype == DType::bf16 && y.desc.dtype == DType::f32)
    return map(call, Same{}, y.as<float>(), x.as<bfloat16>());
  if (x.desc.dtype == DType::f32 && y.desc.dtype == DType::bf16)
    return map(call, Same{}, y.as<bfloat16>(), x.as<float>());
  if (y.data == x.data) return;
  const cudaError_t error =
      cudaMemcpyAsync(y.data, x.data, y.desc.bytes(), cudaMemcpyDeviceToDevice, context_of(call).stream);
  if (error != cudaSuccess) fail_run("reshape: {}", cudaGetErrorString(error));
}

}  // namespace

const Kernel activate_cuda[] = {{"activate.cuda", activate_run}, {}};
const Kernel activate_grad_cuda[] = {{"activate_grad.cuda", activate_grad_run}, {}};
const Kernel add_cuda[] = {{"add.cuda", add_run}, {}};
const Kernel reshape_cuda[] = {{"reshape.cuda", reshape_run}, {}};

}  // namespace lineament
