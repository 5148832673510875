// Bilinear upsampling, and its gradient: each pixel of dx gathers from the sixteen of dy that read it.
#include "kernels/upsample.h"

#include "kernels/cuda/pixel_grid.h"
#include "kernels/cuda/spatial.h"

namespace lineament {
namespace {

/// sum += share from[0..V)
template <int V, class T>
__device__ inline void add_share(Floats<V>& sum, float share, const T* from) {
  const Floats<V> x = load<V>(from);
  for (int v = 0; v < V; ++v) sum.at[v] += share * x.at[v];
}

template <class T, int V>
struct Upsample {
  Pixels<const T> x;
  Pixels<T> y;

  __device__ void operator()(const Pixel& at) const {
    const Between rows = lines_between(at.h, x.h), columns = lines_between(at.w, x.w);
    Floats<V> sum = {};
    add_share(sum, kNearShare * kNearShare, x.at(at.n, rows.near, columns.near) + at.c);
    add_share(sum, kNearShare * kFarShare, x.at(at.n, rows.near, columns.far) + at.c);
    add_share(sum, kFarShare * kNearShare, x.at(at.n, rows.far, columns.near) + at.c);
    add_share(sum, kFarShare * kFarShare, x.at(at.n, rows.far, columns.far) + at.c);
    store<V>(y.at(at.n, at.h, at.w) + at.c, sum);
  }
};

template <class T, int V>
struct UpsampleGrad {
  Pixels<const T> dy;
  Pixels<T> dx;

  __device__ void operator()(const Pixel& at) const {
    const Readers rows = readers_of(at.h, dx.h), columns = readers_of(at.w, dx.w);
    Floats<V> sum = {};
    for (int i = 0; i < 4; ++i)
      for (int j = 0; j < 4; ++j)
        add_share(sum, share_of_reader(i) * share_of_reader(j), dy.at(at.n, rows.line[i], columns.line[j]) + at.c);
    store<V>(dx.at(at.n, at.h, at.w) + at.c, sum);
  }
};

template <template <class, int> class PerPixel>
void run(const Call& call) {
  by_pack(call, call.in[0], call.in[0].shape()[3], [&]<class T, int V>(T, std::integral_constant<int, V>) {
    const auto out = pixels<T>(call.out[0]);
    each_pixel(call, {out.n, out.h, out.w, out.c, V}, PerPixel<T, V>{read_pixels<T>(call.in[0]), out});
  });
}

}  // namespace

const Kernel upsample_cuda[] = {{"upsample.cuda", run<Upsample>}, {}};
const Kernel upsample_dx_cuda[] = {{"upsample_dx.cuda", run<UpsampleGrad>}, {}};

}  // namespace lineament
