// Masked squares summed in double, chunk by chunk, the chunks' sums in their order.
#include "kernels/cpu/simd/elementwise.h"
#include "kernels/cpu/parallel.h"

namespace lineament::LINEAMENT_LEVEL {
namespace {

struct Sums {
  double squares = 0, mask = 0;
};

int64_t chunks_of(const Desc& prediction) {
  return (static_cast<int64_t>(prediction.elements()) + kElementwiseGrain - 1) / kElementwiseGrain;
}

}  // namespace

size_t mean_squared_error_workspace(std::span<const Desc> descs, const Params&) {
  return sizeof(Sums) * static_cast<size_t>(chunks_of(descs[0]));
}

void mean_squared_error_simd(const Call& call) {
  const float *prediction = call.in[0].as<float>(), *target = call.in[1].as<float>();
  const float* mask = call.in[2].as<float>();
  Sums* partial = static_cast<Sums*>(call.workspace);
  const auto total = static_cast<int64_t>(call.in[0].desc.elements());
  parallel_ranges(total, kElementwiseGrain, [=](int64_t begin, int64_t end) {
    double squares = 0, count = 0;
#pragma omp simd reduction(+ : squares, count)
    for (int64_t i = begin; i < end; ++i) {
      const double error = prediction[i] - target[i];
      squares += mask[i] * error * error;
      count += mask[i];
    }
    partial[begin / kElementwiseGrain] = {squares, count};
  });
  Sums sum;
  for (int64_t chunk = 0; chunk < chunks_of(call.in[0].desc); ++chunk) {
    sum.squares += partial[chunk].squares;
    sum.mask += partial[chunk].mask;
  }
  const double count = std::max(1.0, sum.mask);
  *call.out[0].as<float>() = static_cast<float>(sum.squares / count);
  *call.out[1].as<float>() = static_cast<float>(count);
}

void mean_squared_error_grad_simd(const Call& call) {
  const float *prediction = call.in[0].as<float>(), *target = call.in[1].as<float>();
  const float* mask = call.in[2].as<float>();
  const float dloss = call.in.size() == 5 ? *call.in[4].as<float>() : 1.0f;
  const float scale = 2 * dloss / *call.in[3].as<float>();
  float* dprediction = call.out[0].as<float>();
  const auto total = static_cast<int64_t>(call.out[0].desc.elements());
  parallel_ranges(total, kElementwiseGrain, [=](int64_t begin, int64_t end) {
#pragma omp simd
    for (int64_t i = begin; i < end; ++i) dprediction[i] = scale * mask[i] * (prediction[i] - target[i]);
  });
}

}  // namespace lineament::LINEAMENT_LEVEL
