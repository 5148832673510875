// Optimiser steps on one weight, each written once, in the order of operations of Keras's optimizers.
#pragma once
#include <cmath>

#include "kernels/formulas.h"

namespace lineament {

/// Whether an update on the CPU is told by a `healthy` behind its settings, input number `hyper`, to change nothing.
[[gnu::always_inline]] inline bool stands_still(const Call& call, size_t hyper) {
  return call.in.size() > hyper + 1 && *call.in[hyper + 1].as<float>() == 0;
}

/// alpha = rate sqrt(1 - beta2^t) / (1 - beta1^t);  m += (g - m)(1 - beta1);  v += (g^2 - v)(1 - beta2);
/// w -= alpha m / (sqrt(v) + epsilon), after w -= w decay rate (AdamW; Kingma & Ba, Loshchilov & Hutter).
template <class T>
struct AdamStep {
  T alpha, new1, new2, epsilon, shrink;

  /// hyper = {rate, beta1, beta2, epsilon, step from 1, decay}
  LINEAMENT_HD explicit AdamStep(const float* hyper)
      : alpha(static_cast<T>(hyper[0] * sqrt(1 - pow(static_cast<double>(hyper[2]), hyper[4])) /
                             (1 - pow(static_cast<double>(hyper[1]), hyper[4])))),
        new1(1 - hyper[1]),
        new2(1 - hyper[2]),
        epsilon(hyper[3]),
        shrink(hyper[5] * hyper[0]) {}

  LINEAMENT_HD void operator()(T& w, T g, T& m, T& v) const {
    m += (g - m) * new1;
    v += (g * g - v) * new2;
    w = (w - w * shrink) - m * alpha / (std::sqrt(v) + epsilon);
  }
};

/// m = momentum m - rate g;  w += m, or with Nesterov's look ahead w += momentum m - rate g.
template <class T>
struct SgdStep {
  T rate, momentum;
  bool nesterov;

  /// hyper = {rate, momentum, nesterov: 0 or 1}
  LINEAMENT_HD explicit SgdStep(const float* hyper)
      : rate(hyper[0]), momentum(hyper[1]), nesterov(hyper[2] != 0) {}

  LINEAMENT_HD void operator()(T& w, T g, T& m) const {
    m = momentum * m - rate * g;
    w += nesterov ? momentum * m - rate * g : m;
  }
};

/// v = rho v + (1 - rho) g^2;  m = momentum m + rate g / sqrt(v + epsilon);  w -= m.
template <class T>
struct RmspropStep {
  T rate, rho, epsilon, momentum;

  /// hyper = {rate, rho, epsilon, momentum}
  LINEAMENT_HD explicit RmspropStep(const float* hyper)
      : rate(hyper[0]), rho(hyper[1]), epsilon(hyper[2]), momentum(hyper[3]) {}

  LINEAMENT_HD void operator()(T& w, T g, T& v, T& m) const {
    v = rho * v + (T(1) - rho) * (g * g);
    m = momentum * m + rate * g / std::sqrt(v + epsilon);
    w -= m;
  }
};

/// average += (1 - decay)(w - average): an exponential moving average.
template <class T>
struct AverageStep {
  T share;

  /// hyper = {decay}
  LINEAMENT_HD explicit AverageStep(const float* hyper) : share(T(1) - hyper[0]) {}

  LINEAMENT_HD T operator()(T average, T w) const { return average + share * (w - average); }
};

}  // namespace lineament
