// What a convolution does with a sum before it stores it: y = act(scale[o] sum + bias[o] + residual).
#pragma once
#include "kernels/formulas.h"
#include "kernels/padding.h"

namespace lineament {

/// The inputs of a convolution after x and w, in this order, each with all before it: bias, scale, residual.
template <class T>
struct Finish {
  const T* bias = nullptr;      // [o]; null: zeros
  const T* scale = nullptr;     // [o]; null: ones
  const T* residual = nullptr;  // as y; null: zeros
  Activation activation = Activation::none;

  /// Whether more is to do than to start a sum at its bias.
  bool changes_sum() const { return scale || residual || activation != Activation::none; }
  /// Element i of y, channel o.
  template <class Sum>
  T operator()(Sum sum, int64_t o, int64_t i) const {
    const Sum z = sum * Sum(scale ? scale[o] : 1) + Sum(bias ? bias[o] : 0) + Sum(residual ? residual[i] : 0);
    return activated<T>(activation, static_cast<T>(z), kLeakySlope);
  }
};

/// Always in line: in a kernel for wide registers a copy of its own could be linked for all.
template <class T>
[[gnu::always_inline]] inline Finish<T> finish_of(const Call& call) {
  const auto input = [&](size_t i) { return call.in.size() > i ? call.in[i].as<T>() : nullptr; };
  return {input(2), input(3), input(4), call.params.as<Window>().activation};
}

}  // namespace lineament
