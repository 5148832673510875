// y[n, 2h + i, 2w + j, c] = 9/16 x[n,h,w,c] + 3/16 x[n, h', w, c] + 3/16 x[n, h, w', c] + 1/16 x[n,h',w',c],
// h' = h - 1 for i = 0 and h + 1 for i = 1, w' by j alike, both kept inside the picture
#include "kernels/upsample.h"

#include "kernels/cpu/spatial.h"
#include "kernels/cuda/spatial.h"
#include "kernels/pixels.h"
#include "tensor/autograd.h"

namespace lineament {
namespace {

std::vector<Desc> shapes(std::span<const Desc> in, const Params&) {
  const Shape& x = in[0].shape;
  check_floats("upsample", in);
  check(x.rank() == 4, "upsample: x {}, expected [n, h, w, c]", to_string(x));
  return {{{x[0], 2 * x[1], 2 * x[2], x[3]}, in[0].dtype}};
}

std::vector<Desc> dx_shapes(std::span<const Desc> in, const Params&) {
  const Shape& dy = in[0].shape;
  check_floats("upsample_dx", in);
  check(dy.rank() == 4 && dy[1] % 2 == 0 && dy[2] % 2 == 0, "upsample_dx: dy {}, expected [n, 2h, 2w, c]",
        to_string(dy));
  return {{{dy[0], dy[1] / 2, dy[2] / 2, dy[3]}, in[0].dtype}};
}

void grad(Grad& g) { g.set(0, g.graph().apply1(upsample_dx_op, {g.dy()})); }

double blended(double near, double far) { return kNearShare * near + kFarShare * far; }

void reference(const Call& call) {
  by_float(call, [&]<class T>(T) {
    auto x = pixels<T>(call.in[0]), y = pixels<T>(call.out[0]);
    for (int n = 0; n < y.n; ++n)
      for (int h = 0; h < y.h; ++h)
        for (int w = 0; w < y.w; ++w)
          for (int c = 0; c < y.c; ++c) {
            auto [row, far_row] = lines_between(h, x.h);
            auto [column, far_column] = lines_between(w, x.w);
            const double near = blended(x.at(n, row, column)[c], x.at(n, row, far_column)[c]);
            const double far = blended(x.at(n, far_row, column)[c], x.at(n, far_row, far_column)[c]);
            y.at(n, h, w)[c] = static_cast<T>(blended(near, far));
          }
  });
}

// dx[n,h,w,c] = sum over the positions of y that read (h, w) of dy times their shares
void reference_dx(const Call& call) {
  by_float(call, [&]<class T>(T) {
    auto dy = pixels<T>(call.in[0]), dx = pixels<T>(call.out[0]);
    for (int n = 0; n < dx.n; ++n)
      for (int h = 0; h < dx.h; ++h)
        for (int w = 0; w < dx.w; ++w)
          for (int c = 0; c < dx.c; ++c) {
            const Readers rows = readers_of(h, dx.h), columns = readers_of(w, dx.w);
            double sum = 0;
            for (int i = 0; i < 4; ++i)
              for (int j = 0; j < 4; ++j)
                sum += double{share_of_reader(i)} * share_of_reader(j) * dy.at(n, rows.line[i], columns.line[j])[c];
            dx.at(n, h, w)[c] = static_cast<T>(sum);
          }
  });
}

const Kernel upsample_cpu[] = {LINEAMENT_SIMD("upsample.cpu", upsample_vector, anything, no_workspace),
                               {"upsample.cpu.reference", reference},
                               {}};
const Kernel upsample_dx_cpu[] = {LINEAMENT_SIMD("upsample_dx.cpu", upsample_dx_vector, anything, no_workspace),
                                  {"upsample_dx.cpu.reference", reference_dx},
                                  {}};

}  // namespace

const Op upsample_op = {.name = "upsample",
                        .shapes = shapes,
                        .grad = grad,
                        .cpu = upsample_cpu,
                        .cuda = upsample_cuda,
                        .narrow_in = 1,
                        .narrow_out = 1};
const Op upsample_dx_op = {.name = "upsample_dx",
                           .shapes = dx_shapes,
                           .grad = nullptr,
                           .cpu = upsample_dx_cpu,
                           .cuda = upsample_dx_cuda,
                           .narrow_in = 1,
                           .narrow_out = 1};

Value upsample(Value x) { return x.graph->apply1(upsample_op, {x}); }

}  // namespace lineament
