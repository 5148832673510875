// Finish (kernels/finish.h) on registers of sums, while they are near.
#pragma once
#include "kernels/cpu/simd/partial_lanes.h"
#include "kernels/finish.h"

namespace lineament::LINEAMENT_LEVEL {

using Epilogue = Finish<float>;

/// Where a sum begins: its bias, unless a scale comes between.
inline const float* start_of(const Epilogue& e) { return e.scale ? nullptr : e.bias; }

inline Lanes activated_lanes(Activation kind, Lanes x) {
  if (kind == Activation::none) return x;
  if (kind == Activation::relu) return x < Lanes{} ? Lanes{} : x;
  alignas(64) float y[kLanes];
  store_lanes(y, x);
  by_activation(kind, [&](auto constant) {
#pragma omp simd
    for (int i = 0; i < kLanes; ++i) y[i] = activated<float>(decltype(constant)::value, y[i], kLeakySlope);
  });
  return load_lanes(y);
}

/// The first `count` of a register of sums that began at start_of(): channels from `o` on, elements of y from `i` on.
inline Lanes finished(const Epilogue& e, Lanes sum, int64_t o, int64_t i, int64_t count) {
  if (e.scale) {
    sum = sum * load_first(e.scale + o, count);
    if (e.bias) sum += load_first(e.bias + o, count);
  }
  if (e.residual) sum += load_first(e.residual + i, count);
  return activated_lanes(e.activation, sum);
}

/// A row of `columns` sums to y + i.
inline void finish_row(const Epilogue& e, const float* sums, float* y, int64_t o, int64_t i, int64_t columns,
                       bool stream) {
  for (int64_t at = 0; at < columns; at += kLanes) {
    const int64_t count = std::min<int64_t>(kLanes, columns - at);
    const Lanes value = finished(e, load_first(sums + at, count), o + at, i + at, count);
    if (stream)
      stream_lanes(y + i + at, value);
    else
      store_first(y + i + at, count, value);
  }
}

}  // namespace lineament::LINEAMENT_LEVEL
