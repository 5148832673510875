// y = x a, where a has x's shape, or one number for each channel or for each picture; and a's gradient, sums
// of dy x.
#include "kernels/cuda/divisor.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/map.h"
#include "kernels/cuda/rows.h"
#include "kernels/elementwise_ops.h"

namespace lineament {
namespace {

struct Multiply {
  __device__ float operator()(int64_t, float x, float a) const { return x * a; }
};

/// a [n,1,1,c] or [n,1,1,1], counted in packs of V that a picture and its channels are whole numbers of; y
/// perhaps x.
template <class T, int V>
__global__ void broadcast_kernel(int64_t packs, Divisor picture, Divisor channels, bool by_channel,
                                 const T* x, const T* a, T* y) {
  after_previous_kernel();
  const int64_t i = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i >= packs) return;
  const int64_t n = picture.quotient(i);
  Floats<V> product = load<V>(x + i * V), factor;
  if (by_channel) {
    factor = load<V>(a + (n * channels.divisor() + channels.remainder(i)) * V);
  } else {
    for (int v = 0; v < V; ++v) factor.at[v] = static_cast<float>(a[n]);
  }
  for (int v = 0; v < V; ++v) product.at[v] *= factor.at[v];
  store<V>(y + i * V, product);
}

void multiply_run(const Call& call) {
  const Shape &x = call.in[0].shape(), &a = call.in[1].shape();
  if (a == x)
    return by_storage(call.in[0], [&]<class T>(T) {
      map(call, Multiply{}, call.out[0].as<T>(), call.in[0].as<T>(), call.in[1].as<T>());
    });
  const bool by_channel = a[3] == x[3];
  by_pack(call, call.in[0], x[3], [&]<class T, int V>(T, std::integral_constant<int, V>) {
    const int64_t packs = static_cast<int64_t>(x.elements()) / V;
    launch(broadcast_kernel<T, V>, blocks_for(packs), kBlockThreads, call, packs, Divisor(packs / x[0]),
           Divisor(x[3] / V), by_channel, static_cast<const T*>(call.in[0].as<T>()),
           static_cast<const T*>(call.in[1].as<T>()), call.out[0].as<T>());
  });
}

/// What a sum of the gradient runs over: `rows` of `channels`, in each of `groups`.
struct Extent {
  int64_t groups, rows, channels;

  Extent(const Shape& x, const Shape& a)
      : groups(x[0]), rows(1), channels(a == x ? static_cast<int64_t>(x.elements()) / x[0] : a[3]) {
    if (a != x) rows = x[1] * x[2] * (x[3] / channels);
  }
};

template <class T, int V>
struct ProductSums {
  const T *dy, *x;
  int64_t channels;

  __device__ void operator()(const RowPlace& place, Sums<1> (&sums)[V]) const {
    struct Two {
      Pack<T, V> dy, x;
    };
    each_row(
        place,
        [&](int64_t row) {
          const int64_t i = row * channels + place.channel;
          return Two{load_pack<V>(dy + i), load_pack<V>(x + i)};
        },
        [&](const Two& two) {
          const Floats<V> a = widened(two.dy), b = widened(two.x);
          for (int v = 0; v < V; ++v) sums[v].at[0] += a.at[v] * b.at[v];
        });
  }
};

template <class T>
struct StoreSum {
  T* to;
  __device__ void operator()(int64_t i, int, const Sums<1>& sum) const { to[i] = static_cast<T>(sum.at[0]); }
};

void reduce_run(const Call& call) {
  const Extent extent(call.in[0].shape(), call.out[0].shape());
  by_pack(call, call.in[0], extent.channels, [&]<class T, int V>(T, std::integral_constant<int, V>) {
    reduce<Sums<1>, V>(call, extent.groups, extent.rows, extent.channels,
                       ProductSums<T, V>{call.in[0].as<T>(), call.in[1].as<T>(), extent.channels},
                       StoreSum<T>{call.out[0].as<T>()});
  });
}

size_t reduce_workspace(std::span<const Desc> descs, const Params&) {
  const Extent extent(descs[0].shape, descs[2].shape);
  return reduce_bytes<Sums<1>>(extent.groups, extent.rows, extent.channels);
}

}  // namespace

const Kernel multiply_cuda[] = {{"multiply.cuda", multiply_run}, {}};
const Kernel multiply_reduce_cuda[] = {{"multiply_reduce.cuda", reduce_run, nullptr, reduce_workspace}, {}};

}  // namespace lineament
