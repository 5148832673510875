// Batch normalisation by rows of channels: every inner loop runs
// over channels, in memory order, and vectorises.
#include <cmath>

#include "kernels/cpu/simd/channel_rows.h"
#include "kernels/cpu/simd/elementwise.h"
#include "kernels/elementwise_ops.h"
#include "kernels/formulas.h"

namespace lineament::LINEAMENT_LEVEL {
namespace {

/// Channels whose chunks are joined at once: their sums, in double, stay in L1.
constexpr int64_t kJoined = 256;

/// f(begin, count) until the channels are covered, on several threads where there are many.
template <class F>
void each_channel_block(const Rows& shape, F f) {
  parallel_ranges(shape.channels, kJoined, [&](int64_t begin, int64_t end) { f(begin, end - begin); });
}

/// y = act((x - mean) scale + beta [+ residual])
void normalise(const Call& call, const Rows& shape, const float* mean, const float* scale) {
  const float *x = call.in[0].as<float>(), *beta = call.in[2].as<float>();
  float* y = call.out[0].as<float>();
  const auto& p = call.params.as<BatchNormParams>();
  by_activation(p.activation, [&](auto kind) {
    const auto act = [](float z) { return activated<float>(decltype(kind)::value, z, kLeakySlope); };
    if (p.residual) {
      const float* residual = call.in[5].as<float>();
      each_element(shape, Reads<2>{x, residual}, y, [=](int64_t i, int64_t c) {
        return act((x[i] - mean[c]) * scale[c] + beta[c] + residual[i]);
      });
    } else {
      each_element(shape, Reads<1>{x}, y,
                   [=](int64_t i, int64_t c) { return act((x[i] - mean[c]) * scale[c] + beta[c]); });
    }
  });
}

}  // namespace

size_t batch_norm_train_workspace(std::span<const Desc> descs, const Params&) {
  return Scratch::bytes(Rows(descs[0]), 1);
}

void batch_norm_train_simd(const Call& call) {
  const auto& p = call.params.as<BatchNormParams>();
  const float epsilon = p.epsilon, momentum = p.momentum;
  const Rows shape(call.in[0].desc);
  const Scratch scratch(call.workspace, shape);
  const float *x = call.in[0].as<float>(), *gamma = call.in[1].as<float>();
  const float *running_mean = call.in[3].as<float>(), *running_variance = call.in[4].as<float>();
  const float* bias = p.bias ? call.in.back().as<float>() : nullptr;
  float *mean = call.out[1].as<float>(), *inv_std = call.out[2].as<float>();
  float *new_mean = call.out[3].as<float>(), *new_variance = call.out[4].as<float>();
  float* scale = scratch.constant(0);

  // Each chunk: the mean and the squared deviations from it, summed. Taken about the chunk's first row, so
  // that a mean far from zero costs no digits.
  parallel_chunks(shape.chunks, [&](int64_t chunk) {
    float *chunk_mean = scratch.first(chunk), *chunk_squares = scratch.second(chunk);
    const float* origin = x + shape.first(chunk) * shape.channels;
    const auto moved = [=](int64_t i, int64_t c) { return x[i] - origin[c]; };
    sum_rows(Reads<1>{x}, shape.first(chunk), shape.rows_of(chunk), shape.channels, chunk_mean, chunk_squares,
             moved, moved);
    const auto rows = static_cast<float>(shape.rows_of(chunk));
#pragma omp simd
    for (int64_t c = 0; c < shape.channels; ++c) {
      const float shift = chunk_mean[c] / rows;
      chunk_squares[c] -= shift * chunk_mean[c];
      chunk_mean[c] = origin[c] + shift;
    }
  });

  // Chan, Golub & LeVeque's way of joining variances, chunk after chunk.
  const auto all_rows = static_cast<double>(shape.rows);
  each_channel_block(shape, [&](int64_t begin, int64_t count) {
    double exact_mean[kJoined] = {}, squares[kJoined] = {};
    for (int64_t chunk = 0; chunk < shape.chunks; ++chunk) {
      const float* chunk_mean = scratch.first(chunk) + begin;
      const auto rows = static_cast<double>(shape.rows_of(chunk));
#pragma omp simd
      for (int64_t c = 0; c < count; ++c) exact_mean[c] += chunk_mean[c] * rows;
    }
    for (int64_t c = 0; c < count; ++c) exact_mean[c] /= all_rows;
    for (int64_t chunk = 0; chunk < shape.chunks; ++chunk) {
      const float *chunk_mean = scratch.first(chunk) + begin, *chunk_squares = scratch.second(chunk) + begin;
      const auto rows = static_cast<double>(shape.rows_of(chunk));
#pragma omp simd
      for (int64_t c = 0; c < count; ++c) {
        const double off = chunk_mean[c] - exact_mean[c];
        squares[c] += chunk_squares[c] + off * off * rows;
      }
    }
#pragma omp simd
    for (int64_t c = 0; c < count; ++c) {
      const int64_t to = begin + c;
      const auto variance = static_cast<float>((squares[c] > 0 ? squares[c] : 0) / all_rows);
      mean[to] = static_cast<float>(exact_mean[c]);
      inv_std[to] = 1 / std::sqrt(variance + epsilon);
      scale[to] = gamma[to] * inv_std[to];
      new_mean[to] = running_mean[to] * momentum + (mean[to] + (bias ? bias[to] : 0)) * (1 - momentum);
      new_variance[to] = running_variance[to] * momentum + variance * (1 - momentum);
    }
  });
  normalise(call, shape, mean, scale);
}

size_t batch_norm_infer_workspace(std::span<const Desc> descs, const Params&) {
  return sizeof(float) * static_cast<size_t>(descs[0].shape[-1]);
}

void batch_norm_infer_simd(const Call& call) {
  const float epsilon = call.params.as<BatchNormParams>().epsilon;
  const float *gamma = call.in[1].as<float>(), *mean = call.in[3].as<float>(),
              *variance = call.in[4].as<float>();
  float* scale = static_cast<float*>(call.workspace);
  const Rows shape(call.in[0].desc);
  for (int64_t c = 0; c < shape.channels; ++c) scale[c] = gamma[c] / std::sqrt(variance[c] + epsilon);
  normalise(call, shape, mean, scale);
}

size_t batch_norm_grad_workspace(std::span<const Desc> descs, const Params&) {
  return Scratch::bytes(Rows(descs[0]), 3);
}

void batch_norm_grad_simd(const Call& call) {
  const auto p = call.params.as<BatchNormGradParams>();
  const Rows shape(call.in[0].desc);
  const Scratch scratch(call.workspace, shape);
  const float *x = call.in[0].as<float>(), *gamma = call.in[1].as<float>(), *mean = call.in[2].as<float>();
  const float* deviation = call.in[3].as<float>();
  const float *dy = call.in[4].as<float>(),
              *y_or_beta = call.in.size() == 6 ? call.in[5].as<float>() : nullptr;
  float *dx = call.out[0].as<float>(), *dgamma = call.out[1].as<float>(), *dbeta = call.out[2].as<float>();
  float* dresidual = p.residual ? call.out[3].as<float>() : nullptr;
  float *scale = scratch.constant(0), *offset = scratch.constant(1), *slope = scratch.constant(2);

  const auto inv_std = [&](int64_t c) {
    return p.batch_statistics ? deviation[c] : 1 / std::sqrt(deviation[c] + p.epsilon);
  };
  for (int64_t c = 0; c < shape.channels; ++c) scale[c] = gamma[c] * inv_std(c);

  by_slope(p, [&](auto kind, auto from_x) {
    constexpr Activation act = decltype(kind)::value;
    constexpr bool reads_y = act != Activation::none && !decltype(from_x)::value;
    const auto upstream = [=](int64_t i, int64_t c) {
      if constexpr (act == Activation::none)
        return dy[i];
      else if constexpr (reads_y)
        return dy[i] * activation_slope<float>(act, y_or_beta[i], kLeakySlope);
      else
        return dy[i] * activation_slope<float>(act, (x[i] - mean[c]) * scale[c] + y_or_beta[c], kLeakySlope);
    };

    const Reads<3> reads{x, dy, reads_y ? y_or_beta : x};
    parallel_chunks(shape.chunks, [&](int64_t chunk) {
      sum_rows(reads, shape.first(chunk), shape.rows_of(chunk), shape.channels, scratch.first(chunk),
               scratch.second(chunk), upstream, [=](int64_t i, int64_t c) { return x[i] - mean[c]; });
    });
    each_channel_block(shape, [&](int64_t begin, int64_t count) {
      double sum[kJoined] = {}, sum_moved[kJoined] = {};
      for (int64_t chunk = 0; chunk < shape.chunks; ++chunk) {
        const float *first = scratch.first(chunk) + begin, *second = scratch.second(chunk) + begin;
#pragma omp simd
        for (int64_t c = 0; c < count; ++c) sum[c] += first[c], sum_moved[c] += second[c];
      }
      for (int64_t c = 0; c < count; ++c) {
        const int64_t to = begin + c;
        dbeta[to] = static_cast<float>(sum[c]);
        dgamma[to] = static_cast<float>(sum_moved[c]) * inv_std(to);
        offset[to] = p.batch_statistics ? dbeta[to] / static_cast<float>(shape.rows) : 0;
        slope[to] = p.batch_statistics ? dgamma[to] * inv_std(to) / static_cast<float>(shape.rows) : 0;
      }
    });

    const auto moved_back = [=](int64_t i, int64_t c, float g) {
      return scale[c] * (g - offset[c] - (x[i] - mean[c]) * slope[c]);
    };
    if (dresidual) {
      each_element(shape, reads, dx,
                   [=](int64_t i, int64_t c) { return moved_back(i, c, dresidual[i] = upstream(i, c)); });
    } else {
      each_element(shape, reads, dx, [=](int64_t i, int64_t c) { return moved_back(i, c, upstream(i, c)); });
    }
  });
}

}  // namespace lineament::LINEAMENT_LEVEL
