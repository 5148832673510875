// Optimiser updates and the moving average of weights as trials: run_op runs them, so no row holds them.
#pragma once
#include "tests/cuda/node_trial.h"

namespace lineament::test {

inline HostTensor drawn(const char* name, int64_t count, float low, float high) {
  HostTensor t({{count}, DType::f32});
  float* values = t.view().as<float>();
  for (int64_t i = 0; i < count; ++i)
    values[i] = low + (high - low) * random_uniform(fnv1a64(name), static_cast<uint64_t>(i));
  return t;
}

inline HostTensor given(const std::vector<float>& values) {
  HostTensor t({{static_cast<int64_t>(values.size())}, DType::f32});
  std::copy(values.begin(), values.end(), t.view().as<float>());
  return t;
}

inline std::vector<NodeTrial> update_trials(int64_t count) {
  const HostTensor w = drawn("w", count, -1, 1), g = drawn("g", count, -1, 1), m = drawn("m", count, -1, 1),
                   v = drawn("v", count, 0, 1);
  const Desc& d = w.desc;
  std::vector<NodeTrial> trials;
  const auto add = [&](const Op& op, std::vector<HostTensor> in, const std::vector<float>& hyper,
                       std::vector<Desc> out) {
    in.push_back(given(hyper));
    trials.emplace_back(op, Params{}, in, out, false, static_cast<int>(in.size()) - 1);
  };
  for (float nesterov : {0.0f, 1.0f}) add(sgd_update_op, {w, g, m}, {0.01f, 0.9f, nesterov}, {d, d});
  for (float step : {1.0f, 700.0f})
    add(adam_update_op, {w, g, m, v}, {1e-3f, 0.9f, 0.999f, 1e-7f, step, 0.01f}, {d, d, d});
  add(rmsprop_update_op, {w, g, v, m}, {1e-3f, 0.9f, 1e-7f, 0.5f}, {d, d, d});
  add(weight_average_op, {w, g}, {0.99f}, {d});
  return trials;
}

}  // namespace lineament::test
