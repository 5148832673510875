// w <- w - a step along g, with the optimiser's state beside it: adam, sgd, rmsprop
// (kernels/optimizer_formulas.h)
#include "kernels/optimizer_formulas.h"

#include "kernels/cpu/elementwise.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/ops.h"

namespace lineament {
namespace {

/// States follow w and g, then `hyper` numbers, perhaps `healthy`; w and the states come out.
template <int states, int hyper>
std::vector<Desc> shapes(std::span<const Desc> in, const Params&) {
  check(in.size() == 3 + states || (in.size() == 4 + states && in.back() == Desc{{1}}),
        "optimiser update: {} inputs, expected {} and perhaps f32 [1]", in.size(), 3 + states);
  for (int i = 1; i < 2 + states; ++i)
    check(in[i] == in[0], "optimiser update: weights {}, gradient or state {}", to_string(in[0]),
          to_string(in[i]));
  check(in[2 + states] == Desc{{hyper}}, "optimiser update: settings {}, expected f32 [{}]",
        to_string(in[2 + states]), hyper);
  return {in.begin(), in.begin() + 1 + states};
}

void adam_reference(const Call& call) {
  if (stands_still(call, 4)) return;
  by_float(call, [&]<class T>(T) {
    const T *w = call.in[0].as<T>(), *g = call.in[1].as<T>(), *m = call.in[2].as<T>(),
            *v = call.in[3].as<T>();
    T *new_w = call.out[0].as<T>(), *new_m = call.out[1].as<T>(), *new_v = call.out[2].as<T>();
    const AdamStep<T> step(call.in[4].as<float>());
    for (size_t i = 0; i < call.out[0].desc.elements(); ++i) {
      new_w[i] = w[i], new_m[i] = m[i], new_v[i] = v[i];
      step(new_w[i], g[i], new_m[i], new_v[i]);
    }
  });
}

void sgd_reference(const Call& call) {
  if (stands_still(call, 3)) return;
  by_float(call, [&]<class T>(T) {
    const T *w = call.in[0].as<T>(), *g = call.in[1].as<T>(), *m = call.in[2].as<T>();
    T *new_w = call.out[0].as<T>(), *new_m = call.out[1].as<T>();
    const SgdStep<T> step(call.in[3].as<float>());
    for (size_t i = 0; i < call.out[0].desc.elements(); ++i) {
      new_w[i] = w[i], new_m[i] = m[i];
      step(new_w[i], g[i], new_m[i]);
    }
  });
}

void rmsprop_reference(const Call& call) {
  if (stands_still(call, 4)) return;
  by_float(call, [&]<class T>(T) {
    const T *w = call.in[0].as<T>(), *g = call.in[1].as<T>(), *v = call.in[2].as<T>(),
            *m = call.in[3].as<T>();
    T *new_w = call.out[0].as<T>(), *new_v = call.out[1].as<T>(), *new_m = call.out[2].as<T>();
    const RmspropStep<T> step(call.in[4].as<float>());
    for (size_t i = 0; i < call.out[0].desc.elements(); ++i) {
      new_w[i] = w[i], new_v[i] = v[i], new_m[i] = m[i];
      step(new_w[i], g[i], new_v[i], new_m[i]);
    }
  });
}

const Kernel adam_update_cpu[] = {LINEAMENT_SIMD("adam_update.cpu", adam_update_simd, anything, no_workspace),
                                  {"adam_update.cpu.reference", adam_reference},
                                  {}};
const Kernel sgd_update_cpu[] = {LINEAMENT_SIMD("sgd_update.cpu", sgd_update_simd, anything, no_workspace),
                                 {"sgd_update.cpu.reference", sgd_reference},
                                 {}};
const Kernel rmsprop_update_cpu[] = {
    LINEAMENT_SIMD("rmsprop_update.cpu", rmsprop_update_simd, anything, no_workspace),
    {"rmsprop_update.cpu.reference", rmsprop_reference},
    {}};

}  // namespace

const Op adam_update_op = {.name = "adam_update",
                           .shapes = shapes<2, 6>,
                           .grad = nullptr,
                           .cpu = adam_update_cpu,
                           .cuda = adam_update_cuda};
const Op sgd_update_op = {.name = "sgd_update",
                          .shapes = shapes<1, 3>,
                          .grad = nullptr,
                          .cpu = sgd_update_cpu,
                          .cuda = sgd_update_cuda};
const Op rmsprop_update_op = {.name = "rmsprop_update",
                              .shapes = shapes<2, 4>,
                              .grad = nullptr,
                              .cpu = rmsprop_update_cpu,
                              .cuda = rmsprop_update_cuda};

}  // namespace lineament
