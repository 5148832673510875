#include "layers/layers.h"

namespace lineament::layers {

Value conv2d(Scope& s, const std::string& name, Value x, const Conv& o) {
  s.enter(name);
  const Value w = s.parameter(name + "/kernel", {o.kernel, o.kernel, x.shape()[-1], o.filters}, o.init);
  const Value b = o.bias ? s.parameter(name + "/bias", {o.filters}, {Init::zeros}) : Value{};
  return lineament::conv2d(x, w, b, {.stride = o.stride, .padding = o.padding});
}

Value depthwise_conv2d(Scope& s, const std::string& name, Value x, const Conv& o) {
  s.enter(name);
  const int64_t c = x.shape()[-1];
  const Value w = s.parameter(name + "/kernel", {o.kernel, o.kernel, c, 1}, o.init);
  const Value b = o.bias ? s.parameter(name + "/bias", {c}, {Init::zeros}) : Value{};
  return lineament::depthwise_conv2d(x, w, b, {.stride = o.stride, .padding = o.padding});
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
  return s.training() ? batch_norm_train(x, gamma, beta, mean, variance, options, residual)
                      : batch_norm_infer(x, gamma, beta, mean, variance, options, residual);
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
