// y[n,c] = mean over h w of x[n,h,w,c]
#include "kernels/cpu/spatial.h"
#include "kernels/cuda/spatial.h"
#include "kernels/pixels.h"
#include "kernels/spatial_ops.h"
#include "tensor/autograd.h"

namespace lineament {
namespace {

std::vector<Desc> shapes(std::span<const Desc> in, const Params& params) {
  const Shape& x = in[0].shape;
  check_floats("global_average_pool", in);
  Shape y = params.as<MeanOver>().keep_dims ? Shape{x[0], 1, 1, x[3]} : Shape{x[0], x[3]};
  return {{y, in[0].dtype}};
}

std::vector<Desc> dx_shapes(std::span<const Desc> in, const Params& params) {
  const auto& over = params.as<MeanOver>();
  return {{{in[0].shape[0], over.h, over.w, in[0].shape[-1]}, in[0].dtype}};
}

void grad(Grad& g) { g.set(0, g.graph().apply1(global_average_pool_dx_op, {g.dy()}, g.params<MeanOver>())); }

void reference(const Call& call) {
  by_float(call, [&]<class T>(T) {
    auto x = pixels<T>(call.in[0]);
    T* y = call.out[0].as<T>();
    for (int n = 0; n < x.n; ++n)
      for (int c = 0; c < x.c; ++c) {
        double sum = 0;
        for (int h = 0; h < x.h; ++h)
          for (int w = 0; w < x.w; ++w) sum += x.at(n, h, w)[c];
        y[int64_t{n} * x.c + c] = static_cast<T>(sum / (double(x.h) * x.w));
      }
  });
}

// dx[n,h,w,c] = dy[n,c] / (h w)
void reference_dx(const Call& call) {
  by_float(call, [&]<class T>(T) {
    const T* dy = call.in[0].as<T>();
    auto dx = pixels<T>(call.out[0]);
    for (int n = 0; n < dx.n; ++n)
      for (int h = 0; h < dx.h; ++h)
        for (int w = 0; w < dx.w; ++w)
          for (int c = 0; c < dx.c; ++c)
            dx.at(n, h, w)[c] = dy[int64_t{n} * dx.c + c] / static_cast<T>(dx.h * dx.w);
  });
}

const Kernel global_average_pool_cpu[] = {
    LINEAMENT_SIMD("global_average_pool.cpu", global_average_pool_vector, anything, no_workspace),
    {"global_average_pool.cpu.reference", reference},
    {}};
const Kernel global_average_pool_dx_cpu[] = {
    LINEAMENT_SIMD("global_average_pool_dx.cpu", global_average_pool_dx_vector, anything, no_workspace),
    {"global_average_pool_dx.cpu.reference", reference_dx},
    {}};

}  // namespace

const Op global_average_pool_op = {.name = "global_average_pool",
                                   .shapes = shapes,
                                   .grad = grad,
                                   .cpu = global_average_pool_cpu,
                                   .cuda = global_average_pool_cuda,
                                   .narrow_in = 1,
                                   .narrow_out = 1};
const Op global_average_pool_dx_op = {.name = "global_average_pool_dx",
                                      .shapes = dx_shapes,
                                      .grad = nullptr,
                                      .cpu = global_average_pool_dx_cpu,
                                      .cuda = global_average_pool_dx_cuda,
                                      .narrow_in = 1,
                                      .narrow_out = 1};

Value global_average_pool(Value x, bool keep_dims) {
  const Shape& s = x.shape();
  check(s.rank() == 4, "global_average_pool: x {}, expected [n, h, w, c]", to_string(s));
  return x.graph->apply1(global_average_pool_op, {x},
                         MeanOver{static_cast<int>(s[1]), static_cast<int>(s[2]), keep_dims});
}

}  // namespace lineament
