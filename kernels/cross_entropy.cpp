// loss = -sum of mask target log p / count,  p = clip(prediction / its row's sum),
// count = max(1, rows with a target)
#include <algorithm>
#include <cmath>

#include "kernels/cuda/elementwise.h"
#include "kernels/elementwise_ops.h"
#include "tensor/autograd.h"

namespace lineament {
namespace {

constexpr double kClip = 1e-7;  // Keras's backend epsilon

// d p = -mask target / p dloss / count, 0 where clipped;
//  d prediction = (d p - sum over j of p[j] d p[j]) / row's sum

std::vector<Desc> grad_shapes(std::span<const Desc> in, const Params&) { return {in[0]}; }

void grad_reference(const Call& call) {
  by_float(call, [&]<class T>(T) {
    const T *prediction = call.in[0].as<T>(), *target = call.in[1].as<T>(), *mask = call.in[2].as<T>();
    const T dloss = call.in.size() == 5 ? *call.in[4].as<T>() : T(1);
    const T scale = dloss / *call.in[3].as<T>();
    T* dprediction = call.out[0].as<T>();
    const size_t classes = call.out[0].shape()[1];
    for (size_t r = 0; r < call.out[0].desc.elements(); r += classes) {
      T sum = 0, dot = 0;
      for (size_t j = r; j < r + classes; ++j) sum += prediction[j];
      for (size_t j = r; j < r + classes; ++j) {
        const T p = prediction[j] / sum;
        const bool clipped = p < T(kClip) || p > T(1 - kClip);
        dprediction[j] = clipped ? T(0) : -mask[j] * target[j] / p * scale;
        dot += p * dprediction[j];
      }
      for (size_t j = r; j < r + classes; ++j) dprediction[j] = (dprediction[j] - dot) / sum;
    }
  });
}

const Kernel cross_entropy_grad_cpu[] = {{"cross_entropy_grad.cpu.reference", grad_reference}, {}};

}  // namespace

// in prediction, target, mask, count [, dloss: 1 where it is left out, at the end of the tape]
const Op cross_entropy_grad_op = {.name = "cross_entropy_grad",
                                  .shapes = grad_shapes,
                                  .grad = nullptr,
                                  .cpu = cross_entropy_grad_cpu,
                                  .cuda = cross_entropy_grad_cuda};

namespace {

std::vector<Desc> shapes(std::span<const Desc> in, const Params&) {
  check(in[0].shape.rank() == 2 && in[0] == in[1] && in[0] == in[2],
        "cross_entropy: prediction {}, target {}, mask {}, expected three of [n, classes]", to_string(in[0]),
        to_string(in[1]), to_string(in[2]));
  const Desc scalar{{}, in[0].dtype};
  return {scalar, scalar};
}

void grad(Grad& g) {
  std::vector<Value> in{g.in(0), g.in(1), g.in(2), g.out(1)};
  if (g.dy()) in.push_back(g.dy());
  if (g.needs(0)) g.set(0, g.graph().apply1(cross_entropy_grad_op, in));
}

void reference(const Call& call) {
  by_float(call, [&]<class T>(T) {
    const T *prediction = call.in[0].as<T>(), *target = call.in[1].as<T>(), *mask = call.in[2].as<T>();
    const size_t classes = call.in[0].shape()[1];
    double loss = 0, count = 0;
    for (size_t r = 0; r < call.in[0].desc.elements(); r += classes) {
      T sum = 0;
      bool any = false;
      for (size_t j = r; j < r + classes; ++j) sum += prediction[j];
      for (size_t j = r; j < r + classes; ++j) {
        const T p = std::clamp(prediction[j] / sum, T(kClip), T(1 - kClip));
        loss -= mask[j] * target[j] * std::log(p);
        any = any || mask[j] != 0;
      }
      count += any;
    }
    count = std::max(1.0, count);
    *call.out[0].as<T>() = static_cast<T>(loss / count);
    *call.out[1].as<T>() = static_cast<T>(count);
  });
}

// A batch of a few dozen classes: the reference is fast enough.
const Kernel cross_entropy_cpu[] = {{"cross_entropy.cpu.reference", reference}, {}};

}  // namespace

// out loss, count
const Op cross_entropy_op = {.name = "cross_entropy",
                             .shapes = shapes,
                             .grad = grad,
                             .cpu = cross_entropy_cpu,
                             .cuda = cross_entropy_cuda};

Value cross_entropy(Value prediction, Value target, Value mask) {
  return prediction.graph->apply1(cross_entropy_op, {prediction, target, mask});
}

}  // namespace lineament
