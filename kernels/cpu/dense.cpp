// Dense layers: few rows, and an inner side that may be long. Each product cuts along that long side.
#include <algorithm>

#include "kernels/cpu/gemm.h"
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/partial_sums.h"
#include "kernels/cpu/spatial.h"

namespace lineament {
namespace {

constexpr int64_t kInputGrain = 512;  // inputs that one product of a gradient takes
constexpr int64_t kMostParts = 64;

struct Sizes {
  int64_t n, i, o;
};

/// Inputs in one part of the sum: whole blocks of the matrix product.
int64_t inputs_in_part(int64_t inputs) {
  int64_t even = (inputs + kMostParts - 1) / kMostParts;
  return std::max<int64_t>(512, (even + 255) / 256 * 256);
}

int64_t parts_of(int64_t inputs) { return (inputs + inputs_in_part(inputs) - 1) / inputs_in_part(inputs); }

}  // namespace

size_t dense_gemm_workspace(std::span<const Desc> descs, const Params&) {
  return parts_of(descs[0].shape[1]) * descs.back().bytes();
}

void dense_gemm(const Call& call) {
  const float *x = call.in[0].as<float>(), *w = call.in[1].as<float>();
  Sizes size = {call.in[0].shape()[0], call.in[0].shape()[1], call.in[1].shape()[1]};
  float* parts = static_cast<float*>(call.workspace);
  parallel_ranges(size.i, inputs_in_part(size.i), [&](int64_t first, int64_t last) {
    float* part = parts + first / inputs_in_part(size.i) * size.n * size.o;
    std::fill_n(part, size.n * size.o, 0.0f);
    gemm_add({size.n, size.o, last - first}, {x + first, size.i}, {w + first * size.o, size.o}, part, size.o);
  });
  const float* bias = call.in.size() > 2 ? call.in[2].as<float>() : nullptr;
  add_parts(parts, size.n * size.o, call.out[0].as<float>(), parts_of(size.i), bias, size.o);
}

void dense_dx_gemm(const Call& call) {
  const float *dy = call.in[0].as<float>(), *w = call.in[1].as<float>();
  float* dx = call.out[0].as<float>();
  Sizes size = {call.in[0].shape()[0], call.in[1].shape()[0], call.in[1].shape()[1]};
  parallel_ranges(size.i, kInputGrain, [&](int64_t first, int64_t last) {
    for (int64_t row = 0; row < size.n; ++row) std::fill_n(dx + row * size.i + first, last - first, 0.0f);
    gemm_add({size.n, last - first, size.o}, {dy, size.o}, {w + first * size.o, size.o, true}, dx + first,
             size.i);
  });
}

void dense_dw_gemm(const Call& call) {
  const float *x = call.in[0].as<float>(), *dy = call.in[1].as<float>();
  float* dw = call.out[0].as<float>();
  Sizes size = {call.in[0].shape()[0], call.in[0].shape()[1], call.in[1].shape()[1]};
  parallel_ranges(size.i, kInputGrain, [&](int64_t first, int64_t last) {
    float* rows = dw + first * size.o;
    std::fill_n(rows, (last - first) * size.o, 0.0f);
    gemm_add({last - first, size.o, size.n}, {x + first, size.i, true}, {dy, size.o}, rows, size.o);
  });
}

}  // namespace lineament
