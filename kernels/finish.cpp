// What follows a convolution, moved into it: an activation, and for inference a batch norm,
// scale = gamma / sqrt(variance + epsilon), shift = beta + scale (bias - mean). In training the bias goes the other way.
#include "kernels/finish.h"

#include <cmath>

#include "kernels/cuda/elementwise.h"
#include "kernels/elementwise_ops.h"
#include "kernels/spatial_ops.h"
#include "tensor/autograd.h"

namespace lineament {

Value convolution_dy(Grad& g, Activation activation) {
  check(g.inputs() <= 3,
        "the gradient of a convolution with a batch norm folded into it: fold for inference only");
  if (activation == Activation::none) return g.dy();
  check(reads_output(activation, kLeakySlope),
        "a convolution with an activation whose gradient needs its sums");
  return g.graph().apply1(activate_grad_op, {g.out(0), g.dy()}, ActivationParams{activation, kLeakySlope});
}

namespace {

std::vector<Desc> shapes(std::span<const Desc> in, const Params&) {
  for (const Desc& d : in) check(d == in[0], "fold: {} and {}", to_string(in[0]), to_string(d));
  return {in[0], in[0]};
}

void reference(const Call& call) {
  const float epsilon = call.params.as<FoldParams>().epsilon;
  by_float(call, [&]<class T>(T) {
    const T *gamma = call.in[0].as<T>(), *beta = call.in[1].as<T>(), *mean = call.in[2].as<T>();
    const T *variance = call.in[3].as<T>(), *bias = call.in.size() > 4 ? call.in[4].as<T>() : nullptr;
    T *shift = call.out[0].as<T>(), *scale = call.out[1].as<T>();
    for (size_t c = 0; c < call.out[0].desc.elements(); ++c) {
      scale[c] = gamma[c] / std::sqrt(variance[c] + T(epsilon));
      shift[c] = beta[c] + scale[c] * ((bias ? bias[c] : T(0)) - mean[c]);
    }
  });
}

const Kernel fold_cpu[] = {{"fold.cpu.reference", reference}, {}};

/// The convolution that made `x`, if what it makes may be another value in its place.
const Node* convolution_of(const Value& x) {
  const ValueInfo& info = x.graph->info(x);
  if (info.producer < 0 || info.kept) return nullptr;
  const Node& node = x.graph->nodes()[info.producer];
  const bool convolution = node.op == &conv2d_op || node.op == &depthwise_conv2d_op;
  const bool plain =
      convolution && node.in.size() <= 3 && node.params.as<Window>().activation == Activation::none;
  return plain ? &node : nullptr;
}

}  // namespace

const Op fold_op = {.name = "fold", .shapes = shapes, .grad = nullptr, .cpu = fold_cpu, .cuda = fold_cuda};

Value batch_norm_fold(Value x, Value gamma, Value beta, Value running_mean, Value running_variance,
                      const BatchNormOptions& options, Value residual) {
  const Node* found = convolution_of(x);
  if (!found || x.graph->info(x).trainable)
    return batch_norm_infer(x, gamma, beta, running_mean, running_variance, options, residual);
  const Node convolution = *found;  // the graph is about to grow
  Graph& graph = *x.graph;
  const auto input = [&](size_t i) { return Value{&graph, convolution.in[i]}; };
  std::vector<Value> constants{gamma, beta, running_mean, running_variance};
  if (convolution.in.size() > 2) constants.push_back(input(2));
  const std::vector<Value> folded = graph.apply(fold_op, constants, FoldParams{options.epsilon});
  std::vector<Value> in{input(0), input(1), folded[0], folded[1]};
  if (residual) in.push_back(residual);
  Window window = convolution.params.as<Window>();
  window.activation = options.activation;
  return graph.apply1(*convolution.op, in, window);
}

Value batch_norm_train_fold(Value x, Value gamma, Value beta, Value running_mean, Value running_variance,
                            const BatchNormOptions& options, Value residual) {
  Value bias;
  if (const Node* found = convolution_of(x); found && found->in.size() == 3) {
    const Node convolution = *found;  // the graph is about to grow
    const auto input = [&](size_t i) { return Value{x.graph, convolution.in[i]}; };
    bias = input(2);
    x = x.graph->apply1(*convolution.op, {input(0), input(1)}, convolution.params);
  }
  return batch_norm_train(x, gamma, beta, running_mean, running_variance, options, residual, bias);
}

}  // namespace lineament
