// w <- w - a step along g with the optimiser's state beside it, and the moving average of weights, over flat
// buffers.
#include <algorithm>
#include <cstring>

#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/floats.h"
#include "kernels/optimizer_formulas.h"

namespace lineament {
namespace {

constexpr int64_t kMostBlocks = 2048;  // each works out its settings once
constexpr int V = kPack<float>;

/// A step as a block's threads share it: one of them works it out, the powers of Adam's in double.
template <class Step>
__device__ Step shared_step(const float* hyper) {
  alignas(Step) __shared__ unsigned char held[sizeof(Step)];
  if (threadIdx.x == 0) {
    const Step step(hyper);
    memcpy(held, &step, sizeof(Step));
  }
  __syncthreads();
  return *reinterpret_cast<const Step*>(held);
}

/// How an element is updated: in[0] is w, in[1] g, the others are states; w and the states come out.
template <class Step>
struct Update {
  static constexpr int kIn = 4, kOut = 3;  // adam, rmsprop
  __device__ static void apply(const Step& step, float (&x)[kIn]) { step(x[0], x[1], x[2], x[3]); }
  static constexpr int input_of(int out) { return out == 0 ? 0 : out + 1; }
};
template <>
struct Update<SgdStep<float>> {
  static constexpr int kIn = 3, kOut = 2;
  __device__ static void apply(const SgdStep<float>& step, float (&x)[kIn]) { step(x[0], x[1], x[2]); }
  static constexpr int input_of(int out) { return out == 0 ? 0 : 2; }
};
template <>
struct Update<AverageStep<float>> {
  static constexpr int kIn = 2, kOut = 1;
  __device__ static void apply(const AverageStep<float>& step, float (&x)[kIn]) { x[0] = step(x[0], x[1]); }
  static constexpr int input_of(int) { return 0; }
};

/// Outputs perhaps in the place of their inputs.
template <class Step>
struct Buffers {
  const float* in[Update<Step>::kIn];
  float* out[Update<Step>::kOut];
};

template <int N, class Step>
__device__ void update(const Step& step, const Buffers<Step>& buffers, int64_t i) {
  using U = Update<Step>;
  Floats<N> x[U::kIn];
  for (int k = 0; k < U::kIn; ++k) x[k] = load<N>(buffers.in[k] + i);
  for (int v = 0; v < N; ++v) {
    float element[U::kIn];
    for (int k = 0; k < U::kIn; ++k) element[k] = x[k].at[v];
    U::apply(step, element);
    for (int k = 0; k < U::kIn; ++k) x[k].at[v] = element[k];
  }
  for (int k = 0; k < U::kOut; ++k) store<N>(buffers.out[k] + i, x[U::input_of(k)]);
}

/// Where `healthy`, which may be null, is 0, all stays as it is.
template <class Step>
__global__ void update_kernel(int64_t elements, int64_t packs, const float* hyper, const float* healthy,
                              Buffers<Step> buffers) {
  after_previous_kernel();
  if (healthy && *healthy == 0) return;
  const Step step = shared_step<Step>(hyper);
  const int64_t first = int64_t{blockIdx.x} * blockDim.x + threadIdx.x,
                threads = int64_t{gridDim.x} * blockDim.x;
  for (int64_t i = first; i < packs; i += threads) update<V>(step, buffers, i * V);
  for (int64_t i = packs * V + first; i < elements; i += threads) update<1>(step, buffers, i);
}

template <class Step>
void update_run(const Call& call) {
  const auto elements = static_cast<int64_t>(call.out[0].desc.elements());
  const int64_t packs = packs_fit(call) ? elements / V : 0;
  Buffers<Step> buffers;
  for (size_t k = 0; k < Update<Step>::kIn; ++k) buffers.in[k] = call.in[k].as<float>();
  for (size_t k = 0; k < Update<Step>::kOut; ++k) buffers.out[k] = call.out[k].as<float>();
  const auto blocks =
      static_cast<unsigned>(std::min<int64_t>(kMostBlocks, blocks_for(elements, kBlockThreads * V)));
  constexpr size_t kHyper = Update<Step>::kIn;
  const float *hyper = call.in[kHyper].as<float>(), *healthy = nullptr;
  if (call.in.size() > kHyper + 1) healthy = call.in[kHyper + 1].as<float>();
  launch(update_kernel<Step>, blocks, kBlockThreads, call, elements, packs, hyper, healthy, buffers);
}

}  // namespace

const Kernel adam_update_cuda[] = {{"adam_update.cuda", update_run<AdamStep<float>>}, {}};
const Kernel sgd_update_cuda[] = {{"sgd_update.cuda", update_run<SgdStep<float>>}, {}};
const Kernel rmsprop_update_cuda[] = {{"rmsprop_update.cuda", update_run<RmspropStep<float>>}, {}};
const Kernel weight_average_cuda[] = {{"weight_average.cuda", update_run<AverageStep<float>>}, {}};

}  // namespace lineament
