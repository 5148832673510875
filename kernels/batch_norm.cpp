// y = act(gamma (x - mean) / sqrt(variance + epsilon) + beta [+ residual]), mean and variance of each channel
#include <cmath>

#include "kernels/cpu/elementwise.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/elementwise_ops.h"
#include "kernels/formulas.h"
#include "tensor/autograd.h"

namespace lineament {

/// The fast kernel reads one dy: nothing is fused on the CPU.
static bool one_dy(std::span<const Desc>, const Params& params) { return !params.as<BatchNormGradParams>().dy.any(); }
// clang-format off
namespace avx512   { using lineament::one_dy; }
namespace avx2     { using lineament::one_dy; }
namespace portable { using lineament::one_dy; }
// clang-format on

namespace {

template <class T>
T inverse_deviation(T variance, float epsilon) {
  return 1 / std::sqrt(variance + T(epsilon));
}

// With g = act'(.) dy and z = (x - mean) inv_std:  dbeta = sum g,  dgamma = sum g z,  dresidual = g,
// dx = gamma inv_std (g - dbeta / rows - z dgamma / rows) by the batch's statistics, else gamma inv_std g.
// act' is worked out again from x and beta; behind a residual it is read from y, so that neither x + residual nor the
// residual is kept.

std::vector<Desc> grad_shapes(std::span<const Desc> in, const Params& params) {
  std::vector<Desc> out{in[0], in[1], in[1]};
  if (params.as<BatchNormGradParams>().residual) out.push_back(in[0]);
  return out;
}

void grad_reference(const Call& call) {
  const auto p = call.params.as<BatchNormGradParams>();
  by_float(call, [&]<class T>(T) {
    const T *x = call.in[0].as<T>(), *gamma = call.in[1].as<T>(), *mean = call.in[2].as<T>();
    const T *dy = call.in[4].as<T>(),
            *y_or_beta = p.activation == Activation::none ? nullptr : call.in[5].as<T>();
    T *dx = call.out[0].as<T>(), *dgamma = call.out[1].as<T>(), *dbeta = call.out[2].as<T>();
    T* dresidual = p.residual ? call.out[3].as<T>() : nullptr;
    size_t next = p.activation == Activation::none ? 5 : 6;
    const auto part = [&](bool there) { return there ? call.in[next++].as<T>() : nullptr; };
    const T *more = part(p.dy.more), *spread = part(p.dy.spread), *gate = part(p.dy.gate);
    const size_t size = call.in[0].desc.elements(), channels = call.in[0].shape()[-1];
    const T rows = static_cast<T>(size / channels);
    const size_t pixels = size / channels / call.in[0].shape()[0];
    const auto whole_dy = [&](size_t i) {
      const size_t of_picture = i / channels / pixels * channels + i % channels;
      T whole = dy[i];
      if (gate) whole *= gate[of_picture];
      if (spread) whole += spread[of_picture] / static_cast<T>(pixels);
      return more ? whole + more[i] : whole;
    };

    for (size_t c = 0; c < channels; ++c) {
      const T inv_std =
          p.batch_statistics ? call.in[3].as<T>()[c] : inverse_deviation(call.in[3].as<T>()[c], p.epsilon);
      const auto normal = [&](size_t i) { return (x[i] - mean[c]) * inv_std; };
      const auto upstream = [&](size_t i) {
        if (p.activation == Activation::none) return whole_dy(i);
        const T y_or_x = p.slope_from_x ? gamma[c] * normal(i) + y_or_beta[c] : y_or_beta[i];
        return whole_dy(i) * activation_slope<T>(p.activation, y_or_x, kLeakySlope);
      };
      double sum = 0, sum_normal = 0;
      for (size_t i = c; i < size; i += channels) {
        sum += upstream(i);
        sum_normal += upstream(i) * normal(i);
      }
      dbeta[c] = static_cast<T>(sum);
      dgamma[c] = static_cast<T>(sum_normal);
      for (size_t i = c; i < size; i += channels) {
        const T g = upstream(i);
        const T moved = p.batch_statistics ? (dbeta[c] + normal(i) * dgamma[c]) / rows : T(0);
        if (dresidual) dresidual[i] = g;
        dx[i] = gamma[c] * inv_std * (g - moved);
      }
    }
  });
}

const Kernel batch_norm_grad_cpu[] = {
    LINEAMENT_SIMD("batch_norm_grad.cpu", batch_norm_grad_simd, one_dy, batch_norm_grad_workspace),
    {"batch_norm_grad.cpu.reference", grad_reference},
    {}};

}  // namespace

// in x, gamma, mean, inv_std (running: variance), dy [, y or beta] [, more or spread] [, gate]; out dx, dgamma, dbeta
// [, dresidual]
const Op batch_norm_grad_op = {.name = "batch_norm_grad",
                               .shapes = grad_shapes,
                               .grad = nullptr,
                               .cpu = batch_norm_grad_cpu,
                               .cuda = batch_norm_grad_cuda,
                               .inplace = 4,
                               .narrow_in = 0b11110001,
                               .narrow_out = 0b1001};

namespace {

void emit_grad(Grad& g, Value mean, Value deviation, bool batch_statistics) {
  const auto p = g.params<BatchNormParams>();
  // Without a residual y is a pass over memory that the sign of gamma z + beta stands for.
  const bool from_x = p.activation != Activation::none && p.activation != Activation::sigmoid && !p.residual;
  std::vector<Value> in{g.in(0), g.in(1), mean, deviation, g.dy()};
  if (p.activation != Activation::none) in.push_back(from_x ? g.in(2) : g.out(0));
  const bool masked_residual = p.residual && p.activation != Activation::none && g.needs(5);
  const std::vector<Value> out = g.graph().apply(
      batch_norm_grad_op, in,
      BatchNormGradParams{p.epsilon, p.activation, batch_statistics, masked_residual, from_x});
  for (int i = 0; i < 3; ++i)
    if (g.needs(i)) g.set(i, out[i]);
  if (p.residual && g.needs(5)) g.set(5, masked_residual ? out[3] : g.dy());
}

void check_inputs(std::span<const Desc> in, const Params& params) {
  const Shape& x = in[0].shape;
  check(x.rank() == 2 || x.rank() == 4, "batch_norm: x {}, expected rank 2 or 4", to_string(in[0]));
  for (int i = 1; i < 5; ++i)
    check(in[i] == Desc{{x[-1]}, in[0].dtype}, "batch_norm: x {}, but gamma, beta, mean or variance {}",
          to_string(in[0]), to_string(in[i]));
  const auto& p = params.as<BatchNormParams>();
  if (p.bias)
    check(in.back() == in[1], "batch_norm: gamma {} and bias {}", to_string(in[1]), to_string(in.back()));
  if (!p.residual) return;
  check(in[5] == in[0], "batch_norm: x {} and residual {}", to_string(in[0]), to_string(in[5]));
  check(reads_output(p.activation, kLeakySlope),
        "batch_norm: swish after a residual would have to keep the residual; add and activate apart");
}

// By the batch: out y, mean, inv_std, and the running statistics moved on (perhaps in their own place).

std::vector<Desc> train_shapes(std::span<const Desc> in, const Params& params) {
  check_inputs(in, params);
  return {in[0], in[1], in[1], in[1], in[1]};
}

void grad_train(Grad& g) { emit_grad(g, g.out(1), g.out(2), true); }

void train_reference(const Call& call) {
  const auto p = call.params.as<BatchNormParams>();
  by_float(call, [&]<class T>(T) {
    const T *x = call.in[0].as<T>(), *gamma = call.in[1].as<T>(), *beta = call.in[2].as<T>();
    const T *running_mean = call.in[3].as<T>(), *running_variance = call.in[4].as<T>();
    const T* residual = p.residual ? call.in[5].as<T>() : nullptr;
    const T* bias = p.bias ? call.in.back().as<T>() : nullptr;
    T *y = call.out[0].as<T>(), *saved_mean = call.out[1].as<T>(), *saved_inv_std = call.out[2].as<T>();
    T *new_mean = call.out[3].as<T>(), *new_variance = call.out[4].as<T>();
    const size_t size = call.in[0].desc.elements(), channels = call.in[0].shape()[-1];
    const double rows = static_cast<double>(size / channels);

    for (size_t c = 0; c < channels; ++c) {
      double sum = 0, squares = 0;
      for (size_t i = c; i < size; i += channels) sum += x[i];
      for (size_t i = c; i < size; i += channels) squares += (x[i] - sum / rows) * (x[i] - sum / rows);
      const T mean = static_cast<T>(sum / rows), variance = static_cast<T>(squares / rows);
      const T inv_std = inverse_deviation(variance, p.epsilon);
      for (size_t i = c; i < size; i += channels) {
        const T z = gamma[c] * ((x[i] - mean) * inv_std) + beta[c] + (residual ? residual[i] : T(0));
        y[i] = activated<T>(p.activation, z, kLeakySlope);
      }
      saved_mean[c] = mean;
      saved_inv_std[c] = inv_std;
      new_mean[c] = running_mean[c] * p.momentum + (mean + (bias ? bias[c] : T(0))) * (1 - p.momentum);
      new_variance[c] = running_variance[c] * p.momentum + variance * (1 - p.momentum);
    }
  });
}

const Kernel batch_norm_train_cpu[] = {
    LINEAMENT_SIMD("batch_norm_train.cpu", batch_norm_train_simd, anything, batch_norm_train_workspace),
    {"batch_norm_train.cpu.reference", train_reference},
    {}};

}  // namespace

const Op batch_norm_train_op = {.name = "batch_norm_train",
                                .shapes = train_shapes,
                                .grad = grad_train,
                                .cpu = batch_norm_train_cpu,
                                .cuda = batch_norm_train_cuda,
                                .inplace = 0,
                                .narrow_in = 0b100001,
                                .narrow_out = 1};

namespace {

// By the running statistics.

std::vector<Desc> infer_shapes(std::span<const Desc> in, const Params& params) {
  check_inputs(in, params);
  return {in[0]};
}

void grad_infer(Grad& g) { emit_grad(g, g.in(3), g.in(4), false); }

void infer_reference(const Call& call) {
  const auto p = call.params.as<BatchNormParams>();
  by_float(call, [&]<class T>(T) {
    const T *x = call.in[0].as<T>(), *gamma = call.in[1].as<T>(), *beta = call.in[2].as<T>();
    const T *mean = call.in[3].as<T>(), *variance = call.in[4].as<T>();
    const T* residual = p.residual ? call.in[5].as<T>() : nullptr;
    T* y = call.out[0].as<T>();
    const size_t channels = call.in[0].shape()[-1];
    for (size_t i = 0; i < call.in[0].desc.elements(); ++i) {
      const size_t c = i % channels;
      const T normal = (x[i] - mean[c]) * inverse_deviation(variance[c], p.epsilon);
      y[i] = activated<T>(p.activation, gamma[c] * normal + beta[c] + (residual ? residual[i] : T(0)),
                          kLeakySlope);
    }
  });
}

const Kernel batch_norm_infer_cpu[] = {
    LINEAMENT_SIMD("batch_norm_infer.cpu", batch_norm_infer_simd, anything, batch_norm_infer_workspace),
    {"batch_norm_infer.cpu.reference", infer_reference},
    {}};

}  // namespace

const Op batch_norm_infer_op = {.name = "batch_norm_infer",
                                .shapes = infer_shapes,
                                .grad = grad_infer,
                                .cpu = batch_norm_infer_cpu,
                                .cuda = batch_norm_infer_cuda,
                                .inplace = 0,
                                .narrow_in = 0b100001,
                                .narrow_out = 1};

namespace {

/// `in` and those of the others that there are.
std::vector<Value> with(std::vector<Value> in, std::initializer_list<Value> others) {
  for (Value v : others)
    if (v) in.push_back(v);
  return in;
}

}  // namespace

Value batch_norm_train(Value x, Value gamma, Value beta, Value running_mean, Value running_variance,
                       const BatchNormOptions& options, Value residual, Value bias) {
  const std::vector<Value> out = x.graph->apply(
      batch_norm_train_op, with({x, gamma, beta, running_mean, running_variance}, {residual, bias}),
      BatchNormParams{options.epsilon, options.momentum, options.activation, bool(residual), bool(bias)});
  x.graph->assign(running_mean, out[3]);
  x.graph->assign(running_variance, out[4]);
  return out[0];
}

Value batch_norm_infer(Value x, Value gamma, Value beta, Value running_mean, Value running_variance,
                       const BatchNormOptions& options, Value residual) {
  return x.graph->apply1(
      batch_norm_infer_op, with({x, gamma, beta, running_mean, running_variance}, {residual}),
      BatchNormParams{options.epsilon, options.momentum, options.activation, bool(residual)});
}

}  // namespace lineament
