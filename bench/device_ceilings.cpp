#include "bench/device_ceilings.h"

#include <algorithm>
#include <array>

#include "base/random.h"
#include "bench/recorded_time.h"
#include "bench/timing.h"
#include "bench/work.h"
#include "kernels/elementwise_ops.h"
#include "kernels/spatial_ops.h"

namespace lineament {
namespace {

constexpr int64_t kFloats = int64_t{64} << 20;  // far more than any cache holds
constexpr int64_t kSide = 4096;                 // of the matrices: 137 GFLOP

/// One op on memory of its own.
struct Trial {
  Backend& backend;
  const Op& op;
  Params params;
  std::vector<Desc> in_descs, out_descs;
  std::vector<Memory> memory = {};
  std::vector<View> in = {}, out = {};

  void allocate() {
    for (const auto& [descs, views] : {std::pair{&in_descs, &in}, std::pair{&out_descs, &out}})
      for (const Desc& desc : *descs) {
        memory.emplace_back(backend, desc.bytes());
        backend.fill(memory.back().data(), 0, desc.bytes());
        views->push_back({desc, memory.back().data()});
      }
  }
  Work work() const { return {&op, params, in_descs, out_descs}; }
  double seconds() {
    std::vector<Desc> descs = in_descs;
    descs.insert(descs.end(), out_descs.begin(), out_descs.end());
    KernelList kernel = backend.kernels(op);
    while (kernel->supports && !kernel->supports(descs, params)) ++kernel;
    const Memory workspace(backend, kernel->workspace ? kernel->workspace(descs, params) : 0);
    const auto run = [&] { kernel->run({in, out, params, workspace.data(), backend.stream()}); };
    run();
    backend.synchronize();
    const double begin = seconds_now();
    run();
    backend.synchronize();
    const double waited = seconds_now() - begin;
    return recorded_seconds(backend, run, waited).value_or(waited);
  }
};

/// Zeros are multiplied with less power, at a higher clock than a network's numbers leave.
template <class T>
void fill_with_noise(Backend& backend, const View& view) {
  std::vector<T> noise(size_t{1} << 20);
  for (size_t i = 0; i < noise.size(); ++i) noise[i] = T(random_uniform(1, i) - 0.5f);
  const size_t bytes = noise.size() * sizeof(T);
  for (size_t at = 0; at < view.desc.bytes(); at += bytes)
    backend.copy_in(static_cast<std::byte*>(view.data) + at, noise.data(),
                    std::min(bytes, view.desc.bytes() - at));
}

double gbps_of(Trial trial) {
  trial.allocate();
  return bytes_of(trial.work()) / trial.seconds() / 1e9;
}

/// x^T dy: no weights that would be packed first.
double product_gflops(Backend& backend, Precision precision) {
  const DType dtype = precision == Precision::bf16 ? DType::bf16 : DType::f32;
  const Desc matrix{{kSide, kSide}, dtype};
  Trial product{backend, dense_dw_op, Params().with(numerics_of(precision, false)), {matrix, matrix}, {{{kSide, kSide}}}};
  product.allocate();
  for (const View& view : product.in)
    dtype == DType::bf16 ? fill_with_noise<bfloat16>(backend, view) : fill_with_noise<float>(backend, view);
  return flops_of(product.work()) / product.seconds() / 1e9;
}

}  // namespace

Ceilings measure_ceilings(Backend& backend, Precision precision) {
  const Desc floats{{kFloats}};
  const double copy = gbps_of({backend, reshape_op, ReshapeParams{floats.shape}, {floats}, {floats}});
  const double sum = gbps_of({backend, add_op, {}, {floats, floats}, {floats}});
  return {.gflops = product_gflops(backend, precision),
          .gbps = std::max(copy, sum)};
}

}  // namespace lineament
