// loss = sum of mask f((prediction - target) / px, s) / count, count = max(1, sum of mask); s is its point's log deviation, and f
// that of kernels/likelihood_loss.h
#include "kernels/likelihood_loss.h"

#include <algorithm>

#include "kernels/cuda/elementwise.h"
#include "kernels/elementwise_ops.h"
#include "tensor/autograd.h"

namespace lineament {
namespace {

// d prediction = mask df/de / (px count)  d loss
// d s = sum over the point's coordinates of mask df/ds / count  d loss

std::vector<Desc> grad_shapes(std::span<const Desc> in, const Params&) { return {in[0], in[1]}; }

void grad_reference(const Call& call) {
  by_float(call, [&]<class T>(T) {
    const auto& p = call.params.as<LikelihoodLoss>();
    const T *prediction = call.in[0].as<T>(), *deviation = call.in[1].as<T>();
    const T *target = call.in[2].as<T>(), *mask = call.in[3].as<T>();
    const T scale = (call.in.size() == 6 ? *call.in[5].as<T>() : T(1)) / *call.in[4].as<T>(), px = static_cast<T>(p.px);
    T *dprediction = call.out[0].as<T>(), *ddeviation = call.out[1].as<T>();
    for (size_t point = 0; point < call.out[1].desc.elements(); ++point) {
      const T s = deviation[point];
      T sum = 0;
      for (size_t i = 2 * point; i < 2 * point + 2; ++i) {
        const T e = (prediction[i] - target[i]) / px;
        dprediction[i] = scale * mask[i] * likelihood_slope(p.kind, e, s) / px;
        sum += mask[i] * likelihood_deviation_slope(p.kind, e, s);
      }
      ddeviation[point] = scale * sum;
    }
  });
}

// A loss stands over a batch of a few thousand coordinates: the references are fast enough.
const Kernel likelihood_loss_grad_cpu[] = {{"likelihood_loss_grad.cpu.reference", grad_reference}, {}};

}  // namespace

// in prediction, log deviation, target, mask, count [, dloss: 1 where it is left out, at the end of the tape]
const Op likelihood_loss_grad_op = {.name = "likelihood_loss_grad",
                                    .shapes = grad_shapes,
                                    .grad = nullptr,
                                    .cpu = likelihood_loss_grad_cpu,
                                    .cuda = likelihood_loss_grad_cuda};

namespace {

std::vector<Desc> shapes(std::span<const Desc> in, const Params& params) {
  check(in[0] == in[2] && in[0] == in[3] && in[0].shape.rank() == 2 && in[1].shape == Shape{in[0].shape[0], in[0].shape[1] / 2} &&
            in[0].shape[1] % 2 == 0,
        "likelihood_loss: prediction {}, log deviation {}, target {}, mask {}", to_string(in[0]), to_string(in[1]), to_string(in[2]),
        to_string(in[3]));
  const float px = params.as<LikelihoodLoss>().px;
  check(px > 0, "likelihood_loss: px {}, expected it above 0", px);
  const Desc scalar{{}, in[0].dtype};
  return {scalar, scalar};
}

void grad(Grad& g) {
  std::vector<Value> in{g.in(0), g.in(1), g.in(2), g.in(3), g.out(1)};
  if (g.dy()) in.push_back(g.dy());
  if (!g.needs(0) && !g.needs(1)) return;
  const std::vector<Value> d = g.graph().apply(likelihood_loss_grad_op, in, g.params<LikelihoodLoss>());
  for (size_t i : {0, 1})
    if (g.needs(i)) g.set(i, d[i]);
}

void reference(const Call& call) {
  by_float(call, [&]<class T>(T) {
    const auto& p = call.params.as<LikelihoodLoss>();
    const T *prediction = call.in[0].as<T>(), *deviation = call.in[1].as<T>();
    const T *target = call.in[2].as<T>(), *mask = call.in[3].as<T>();
    double sum = 0, count = 0;
    for (size_t i = 0; i < call.in[0].desc.elements(); ++i) {
      sum += double{mask[i]} * likelihood_loss(p.kind, (prediction[i] - target[i]) / static_cast<T>(p.px), deviation[i / 2]);
      count += mask[i];
    }
    count = std::max(1.0, count);
    *call.out[0].as<T>() = static_cast<T>(sum / count);
    *call.out[1].as<T>() = static_cast<T>(count);
  });
}

const Kernel likelihood_loss_cpu[] = {{"likelihood_loss.cpu.reference", reference}, {}};

}  // namespace

// out loss, count
const Op likelihood_loss_op = {
    .name = "likelihood_loss", .shapes = shapes, .grad = grad, .cpu = likelihood_loss_cpu, .cuda = likelihood_loss_cuda};

Value likelihood_loss(Value prediction, Value log_deviation, Value target, Value mask, const LikelihoodLoss& f) {
  return prediction.graph->apply1(likelihood_loss_op, {prediction, log_deviation, target, mask}, f);
}

}  // namespace lineament
