// A 1x1 convolution of grey pictures into a few channels: y[p,o] = act(bias[o] + x[p] w[o]), and its weight gradient
// dw[o] = sum over p of x[p] dy[p,o]. A register of pixels meets `o` registers of channels, its floats strewn.
#include "kernels/cpu/partial_sums.h"
#include "kernels/cpu/simd/partial_lanes.h"
#include "kernels/cpu/simd/spatial.h"
#include "kernels/finish.h"
#include "kernels/pixels.h"

namespace lineament::LINEAMENT_LEVEL {
namespace {

constexpr int kMostOuts = 4;

/// Float l of register v of y belongs to channel (v kLanes + l) mod O of pixel (v kLanes + l) / O.
template <int O>
struct Strewn {
  IntLanes pixel[O];

  Strewn() {
    for (int i = 0; i < O * kLanes; ++i) pixel[i / kLanes][i % kLanes] = i / O;
  }
  Lanes operator()(Lanes x, int v) const { return shuffled(x, pixel[v]); }
};

template <int O>
void outer_product(const float* x, int64_t pixels, const float* w, const float* bias, float* y) {
  const Strewn<O> strewn;
  Lanes weights[O], start[O];
  for (int i = 0; i < O * kLanes; ++i) {
    weights[i / kLanes][i % kLanes] = w[i % O];
    start[i / kLanes][i % kLanes] = bias ? bias[i % O] : 0.0f;
  }
  int64_t p = 0;
  for (; p + kLanes <= pixels; p += kLanes, y += O * kLanes) {
    const Lanes here = load_lanes(x + p);
#pragma GCC unroll 4
    for (int v = 0; v < O; ++v) store_lanes(y + v * kLanes, start[v] + strewn(here, v) * weights[v]);
  }
  for (; p < pixels; ++p, y += O)
    for (int o = 0; o < O; ++o) y[o] = start[0][o] + x[p] * weights[0][o];
}

template <int O>
void inner_products(const float* x, int64_t pixels, const float* dy, float* dw) {
  const Strewn<O> strewn;
  Lanes sum[O] = {};
  int64_t p = 0;
  for (; p + kLanes <= pixels; p += kLanes, dy += O * kLanes) {
    const Lanes here = load_lanes(x + p);
#pragma GCC unroll 4
    for (int v = 0; v < O; ++v) sum[v] += strewn(here, v) * load_lanes(dy + v * kLanes);
  }
  std::fill_n(dw, O, 0.0f);
  for (int i = 0; i < O * kLanes; ++i) dw[i % O] += sum[i / kLanes][i % kLanes];
  for (; p < pixels; ++p, dy += O)
    for (int o = 0; o < O; ++o) dw[o] += x[p] * dy[o];
}

constexpr decltype(&outer_product<1>) kOuter[] = {outer_product<1>, outer_product<2>, outer_product<3>,
                                                  outer_product<4>};
constexpr decltype(&inner_products<1>) kInner[] = {inner_products<1>, inner_products<2>, inner_products<3>,
                                                   inner_products<4>};

}  // namespace

bool conv2d_grey_supports(std::span<const Desc> descs, const Params& params) {
  const bool scaled = descs.size() > 4;  // x, w, bias, scale, y
  return params.as<Window>().pointwise() && descs[0].shape[3] == 1 && descs[1].shape[3] <= kMostOuts &&
         !scaled;
}

void conv2d_grey(const Call& call) {
  const auto x = pixels<float>(call.in[0]), y = pixels<float>(call.out[0]);
  const float* w = call.in[1].as<float>();
  const Finish<float> finish = finish_of<float>(call);
  parallel_ranges(x.count(), kElementwiseGrain / 4, [&](int64_t begin, int64_t end) {
    float* here = y.data + begin * y.c;
    kOuter[y.c - 1](x.data + begin, end - begin, w, finish.bias, here);
    if (finish.activation == Activation::none) return;
    by_activation(finish.activation, [&](auto kind) {
#pragma omp simd
      for (int64_t i = 0; i < (end - begin) * y.c; ++i)
        here[i] = activated<float>(decltype(kind)::value, here[i], kLeakySlope);
    });
  });
}

size_t conv2d_dw_grey_workspace(std::span<const Desc> descs, const Params&) {
  return kParts * descs[1].shape[3] * sizeof(float);
}

void conv2d_dw_grey(const Call& call) {
  const auto x = pixels<float>(call.in[0]), dy = pixels<float>(call.in[1]);
  float* parts = static_cast<float*>(call.workspace);
  parallel_chunks(kParts, [&](int64_t part) {
    const int64_t begin = part_begin(x.count(), part), end = part_begin(x.count(), part + 1);
    kInner[dy.c - 1](x.data + begin, end - begin, dy.data + begin * dy.c, parts + part * dy.c);
  });
  add_parts(parts, dy.c, call.out[0].as<float>());
}

}  // namespace lineament::LINEAMENT_LEVEL
