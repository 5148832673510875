// loss = sum of mask f(prediction - target) / count, count = max(1, sum of mask); f is a row of kernels/point_loss.h
#include "kernels/point_loss.h"

#include <algorithm>

#include "kernels/cuda/elementwise.h"
#include "kernels/elementwise_ops.h"
#include "tensor/autograd.h"

namespace lineament {
namespace {

// d prediction = mask f'(prediction - target) / count  d loss

std::vector<Desc> grad_shapes(std::span<const Desc> in, const Params&) { return {in[0]}; }

void grad_reference(const Call& call) {
  by_float(call, [&]<class T>(T) {
    const auto& f = call.params.as<PointLoss>();
    const T *prediction = call.in[0].as<T>(), *target = call.in[1].as<T>(), *mask = call.in[2].as<T>();
    const T scale = (call.in.size() == 5 ? *call.in[4].as<T>() : T(1)) / *call.in[3].as<T>();
    T* dprediction = call.out[0].as<T>();
    for (size_t i = 0; i < call.out[0].desc.elements(); ++i)
      dprediction[i] = scale * mask[i] * point_loss_slope(f, prediction[i] - target[i]);
  });
}

// A loss stands over a batch of a few thousand coordinates: the references are fast enough.
const Kernel point_loss_grad_cpu[] = {{"point_loss_grad.cpu.reference", grad_reference}, {}};

}  // namespace

// in prediction, target, mask, count [, dloss: 1 where it is left out, at the end of the tape]
const Op point_loss_grad_op = {.name = "point_loss_grad",
                               .shapes = grad_shapes,
                               .grad = nullptr,
                               .cpu = point_loss_grad_cpu,
                               .cuda = point_loss_grad_cuda,
                               .inplace = 0};

namespace {

std::vector<Desc> shapes(std::span<const Desc> in, const Params& params) {
  const auto& f = params.as<PointLoss>();
  check(in[0] == in[1] && in[0] == in[2], "point_loss: prediction {}, target {}, mask {}", to_string(in[0]), to_string(in[1]),
        to_string(in[2]));
  check(f.limit > 0 && f.curve > 0, "point_loss: limit {}, curve {}, expected both above 0", f.limit, f.curve);
  const Desc scalar{{}, in[0].dtype};
  return {scalar, scalar};
}

void grad(Grad& g) {
  std::vector<Value> in{g.in(0), g.in(1), g.in(2), g.out(1)};
  if (g.dy()) in.push_back(g.dy());
  if (g.needs(0)) g.set(0, g.graph().apply1(point_loss_grad_op, in, g.params<PointLoss>()));
}

void reference(const Call& call) {
  by_float(call, [&]<class T>(T) {
    const auto& f = call.params.as<PointLoss>();
    const T *prediction = call.in[0].as<T>(), *target = call.in[1].as<T>(), *mask = call.in[2].as<T>();
    double sum = 0, count = 0;
    for (size_t i = 0; i < call.in[0].desc.elements(); ++i) {
      sum += double{mask[i]} * point_loss(f, prediction[i] - target[i]);
      count += mask[i];
    }
    count = std::max(1.0, count);
    *call.out[0].as<T>() = static_cast<T>(sum / count);
    *call.out[1].as<T>() = static_cast<T>(count);
  });
}

const Kernel point_loss_cpu[] = {{"point_loss.cpu.reference", reference}, {}};

}  // namespace

// out loss, count
const Op point_loss_op = {
    .name = "point_loss", .shapes = shapes, .grad = grad, .cpu = point_loss_cpu, .cuda = point_loss_cuda};

Value point_loss(Value prediction, Value target, Value mask, const PointLoss& f) {
  return prediction.graph->apply1(point_loss_op, {prediction, target, mask}, f);
}

}  // namespace lineament
