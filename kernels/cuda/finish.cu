#include "kernels/cuda/finish.h"

#include "kernels/cuda/divisor.h"

namespace lineament {
namespace {

template <class T, int V, Activation kind>
__global__ void finish_kernel(DeviceFinish<T> finish, Divisor channels, int64_t packs, T* y) {
  after_previous_kernel();
  const int64_t pack = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (pack >= packs) return;
  const int64_t i = pack * V, o = channels.remainder(i);
  Floats<V> sums = load<V>(y + i), scale, bias = {}, residual = {};
  for (int v = 0; v < V; ++v) scale.at[v] = 1.0f;
  if (finish.scale) scale = load<V>(finish.scale + o);
  if (finish.bias) bias = load<V>(finish.bias + o);
  if (finish.residual) residual = load<V>(finish.residual + i);
  for (int v = 0; v < V; ++v)
    sums.at[v] = activated<float>(kind, sums.at[v] * scale.at[v] + bias.at[v] + residual.at[v], kLeakySlope);
  store<V>(y + i, sums);
}

}  // namespace

void finish_in_place(const Call& call, Activation activation) {
  const View& y = call.out[0];
  by_pack(call, y, y.shape()[-1], [&]<class T, int V>(T, std::integral_constant<int, V>) {
    const DeviceFinish<T> finish = device_finish_of<T>(call, activation);
    if (!finish.changes()) return;
    const int64_t packs = static_cast<int64_t>(y.desc.elements()) / V;
    by_activation(activation, [&](auto kind) {
      launch(finish_kernel<T, V, decltype(kind)::value>, blocks_for(packs), kBlockThreads, call, finish,
             Divisor(y.shape()[-1]), packs, y.as<T>());
    });
  });
}

}  // namespace lineament
