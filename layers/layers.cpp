#include "layers/layers.h"

#include "kernels/formulas.h"

namespace lineament::layers {
namespace {

/// The activation goes into the convolution, unless its gradient will ask for what the convolution summed.
Value convolution(Scope& s, Value (*op)(Value, Value, Value, const Conv2dOptions&), Value x, Value w, Value b,
                  const Conv& o) {
  const bool fused = !s.training() || reads_output(o.activation, kLeakySlope);
  const Value y = op(x, w, b, {o.stride, o.padding, fused ? o.activation : Activation::none});
  return fused ? y : activate(y, o.activation);
}

}  // namespace

Value conv2d(Scope& s, const std::string& name, Value x, const Conv& o) {
  s.enter(name);
  const Value w = s.parameter(name + "/kernel", {o.kernel, o.kernel, x.shape()[-1], o.filters}, o.init);
  const Value b = o.bias ? s.parameter(name + "/bias", {o.filters}, {Init::zeros}) : Value{};
  return convolution(s, lineament::conv2d, x, w, b, o);
}

Value depthwise_conv2d(Scope& s, const std::string& name, Value x, const Conv& o) {
  s.enter(name);
  const int64_t c = x.shape()[-1];
  const Value w = s.parameter(name + "/kernel", {o.kernel, o.kernel, c, 1}, o.init);
  const Value b = o.bias ? s.parameter(name + "/bias", {c}, {Init::zeros}) : Value{};
  return convolution(s, lineament::depthwise_conv2d, x, w, b, o);
}

Value dense(Scope& s, const std::string& name, Value x, int units, Init init) {
  s.enter(name);
  const Value w = s.parameter(name + "/kernel", {x.shape()[-1], units}, init);
  const Value b = s.parameter(name + "/bias", {units}, {Init::zeros});
  return lineament::dense(x, w, b);
}

Value batch_norm(Scope& s, const std::string& name, Value x, const BatchNormOptions& options,
                 Value residual) {
  s.enter(name);
  const Shape channels{x.shape()[-1]};
  const Value gamma = s.parameter(name + "/gamma", channels, {Init::ones});
  const Value beta = s.parameter(name + "/beta", channels, {Init::zeros});
  const Value mean = s.statistic(name + "/moving_mean", channels, {Init::zeros});
  const Value variance = s.statistic(name + "/moving_variance", channels, {Init::ones});
  return s.training() ? batch_norm_train_fold(x, gamma, beta, mean, variance, options, residual)
                      : batch_norm_fold(x, gamma, beta, mean, variance, options, residual);
}

Value dropout(Scope& s, Value x, float rate) {
  if (!s.drops() || rate == 0) return x;
  s.enter("dropout");
  return lineament::dropout(x, s.rng(), rate, s.next_stream());
}

Value drop_path(Scope& s, Value x, float rate) {
  if (!s.drops() || rate == 0) return x;
  s.enter("drop_path");
  return lineament::drop_path(x, s.rng(), rate, s.next_stream());
}

}  // namespace lineament::layers
