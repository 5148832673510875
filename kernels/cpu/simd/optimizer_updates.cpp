// Optimiser updates in one pass over the flat buffers: each weight is read and written once.
#include "kernels/optimizer_formulas.h"

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/simd/elementwise.h"

namespace lineament::LINEAMENT_LEVEL {
namespace {

/// Outputs may be the inputs' own storage.
template <class F>
void each_weight(const Call& call, F f) {
  parallel_ranges(static_cast<int64_t>(call.out[0].desc.elements()), kElementwiseGrain,
                  [&](int64_t begin, int64_t end) {
#pragma omp simd
                    for (int64_t i = begin; i < end; ++i) f(i);
                  });
}

/// w, g and two states
template <class Step>
void update_two(const Call& call, const Step step) {
  const float *w = call.in[0].as<float>(), *g = call.in[1].as<float>();
  const float *a = call.in[2].as<float>(), *b = call.in[3].as<float>();
  float *new_w = call.out[0].as<float>(), *new_a = call.out[1].as<float>(), *new_b = call.out[2].as<float>();
  each_weight(call, [=](int64_t i) {
    float weight = w[i], state_a = a[i], state_b = b[i];
    step(weight, g[i], state_a, state_b);
    new_w[i] = weight, new_a[i] = state_a, new_b[i] = state_b;
  });
}

}  // namespace

void adam_update_simd(const Call& call) {
  if (!stands_still(call, 4)) update_two(call, AdamStep<float>(call.in[4].as<float>()));
}

void rmsprop_update_simd(const Call& call) {
  if (!stands_still(call, 4)) update_two(call, RmspropStep<float>(call.in[4].as<float>()));
}

void sgd_update_simd(const Call& call) {
  if (stands_still(call, 3)) return;
  const float *w = call.in[0].as<float>(), *g = call.in[1].as<float>(), *m = call.in[2].as<float>();
  float *new_w = call.out[0].as<float>(), *new_m = call.out[1].as<float>();
  const SgdStep<float> step(call.in[3].as<float>());
  each_weight(call, [=](int64_t i) {
    float weight = w[i], momentum = m[i];
    step(weight, g[i], momentum);
    new_w[i] = weight, new_m[i] = momentum;
  });
}

void weight_average_simd(const Call& call) {
  if (stands_still(call, 2)) return;
  const float *average = call.in[0].as<float>(), *w = call.in[1].as<float>();
  float* updated = call.out[0].as<float>();
  const AverageStep<float> step(call.in[2].as<float>());
  each_weight(call, [=](int64_t i) { updated[i] = step(average[i], w[i]); });
}

}  // namespace lineament::LINEAMENT_LEVEL
