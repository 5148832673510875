// Batch norms on CUDA where digits are easily lost: means far from zero, and a first row far from the others.
#include <doctest/doctest.h>

#include "kernels/elementwise_ops.h"
#include "tests/cuda/node_trial.h"

using namespace lineament;
using namespace lineament::test;

namespace {

/// Rows of 8 channels, uniform in low..high; the first row `first` further up.
NodeTrial trial(int64_t rows, float low, float high, float first) {
  HostTensor x({{rows, 8}, DType::f32});
  float* values = x.view().as<float>();
  for (int64_t i = 0; i < rows * 8; ++i)
    values[i] = low + (high - low) * random_uniform(7, static_cast<uint64_t>(i)) + (i < 8 ? first : 0);
  const auto vector = [](float value) {
    HostTensor t({{8}, DType::f32});
    std::fill_n(t.view().as<float>(), 8, value);
    return t;
  };
  const Desc c{{8}, DType::f32};
  return {batch_norm_train_op,
          BatchNormParams{1e-3f, 0.99f, Activation::none},
          {x, vector(1), vector(0), vector(0), vector(1)},
          {x.desc, c, c, c, c}};
}

}  // namespace

TEST_CASE("moments: a mean of hundreds of deviations and a first row like no other cost no digits") {
  for (const NodeTrial& node : {trial(4099, -1, 1, 0), trial(4099, 99, 101, 0), trial(4099, 99, 101, 1000),
                                trial(1, 99, 101, 0), trial(40007, -1, 1, 10000)}) {
    CAPTURE(node.in[0].get(0));
    const auto got = node.run(cuda_backend(), batch_norm_train_op.cuda[0], false);
    for (size_t i = 0; i < got.size(); ++i) CHECK(node.distance(got, i) < 1e-5);
  }
}
