// loss = sum of mask (prediction - target)^2 / count,  count = max(1, sum of mask)
#include <algorithm>

#include "kernels/cpu/elementwise.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/elementwise_ops.h"
#include "tensor/autograd.h"

namespace lineament {
namespace {

// d prediction = 2 mask (prediction - target) / count  d loss

std::vector<Desc> grad_shapes(std::span<const Desc> in, const Params&) { return {in[0]}; }

void grad_reference(const Call& call) {
  by_float(call, [&]<class T>(T) {
    const T *prediction = call.in[0].as<T>(), *target = call.in[1].as<T>(), *mask = call.in[2].as<T>();
    const T dloss = call.in.size() == 5 ? *call.in[4].as<T>() : T(1);
    const T scale = 2 * dloss / *call.in[3].as<T>();
    T* dprediction = call.out[0].as<T>();
    for (size_t i = 0; i < call.out[0].desc.elements(); ++i)
      dprediction[i] = scale * mask[i] * (prediction[i] - target[i]);
  });
}

const Kernel mean_squared_error_grad_cpu[] = {
    LINEAMENT_SIMD("mean_squared_error_grad.cpu", mean_squared_error_grad_simd, anything, no_workspace),
    {"mean_squared_error_grad.cpu.reference", grad_reference},
    {}};

}  // namespace

// in prediction, target, mask, count [, dloss: 1 where it is left out, at the end of the tape]
const Op mean_squared_error_grad_op = {.name = "mean_squared_error_grad",
                                       .shapes = grad_shapes,
                                       .grad = nullptr,
                                       .cpu = mean_squared_error_grad_cpu,
                                       .cuda = mean_squared_error_grad_cuda,
                                       .inplace = 0};

namespace {

std::vector<Desc> shapes(std::span<const Desc> in, const Params&) {
  check(in[0] == in[1] && in[0] == in[2], "mean_squared_error: prediction {}, target {}, mask {}",
        to_string(in[0]), to_string(in[1]), to_string(in[2]));
  const Desc scalar{{}, in[0].dtype};
  return {scalar, scalar};
}

void grad(Grad& g) {
  std::vector<Value> in{g.in(0), g.in(1), g.in(2), g.out(1)};
  if (g.dy()) in.push_back(g.dy());
  if (g.needs(0)) g.set(0, g.graph().apply1(mean_squared_error_grad_op, in));
}

void reference(const Call& call) {
  by_float(call, [&]<class T>(T) {
    const T *prediction = call.in[0].as<T>(), *target = call.in[1].as<T>(), *mask = call.in[2].as<T>();
    double sum = 0, count = 0;
    for (size_t i = 0; i < call.in[0].desc.elements(); ++i) {
      const double error = prediction[i] - target[i];
      sum += mask[i] * error * error;
      count += mask[i];
    }
    count = std::max(1.0, count);
    *call.out[0].as<T>() = static_cast<T>(sum / count);
    *call.out[1].as<T>() = static_cast<T>(count);
  });
}

const Kernel mean_squared_error_cpu[] = {
    LINEAMENT_SIMD("mean_squared_error.cpu", mean_squared_error_simd, anything, mean_squared_error_workspace),
    {"mean_squared_error.cpu.reference", reference},
    {}};

}  // namespace

// out loss, count
const Op mean_squared_error_op = {.name = "mean_squared_error",
                                  .shapes = shapes,
                                  .grad = grad,
                                  .cpu = mean_squared_error_cpu,
                                  .cuda = mean_squared_error_cuda};

Value mean_squared_error(Value prediction, Value target, Value mask) {
  return prediction.graph->apply1(mean_squared_error_op, {prediction, target, mask});
}

}  // namespace lineament
