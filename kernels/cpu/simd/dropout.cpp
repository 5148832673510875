// Dropout with counted draws: a block of 64-bit words is drawn, then read as twice as many 32-bit draws.
#include <bit>
#include <cstring>

#include "kernels/cpu/simd/elementwise.h"
#include "kernels/cpu/parallel.h"
#include "kernels/elementwise_ops.h"
#include "kernels/formulas.h"

namespace lineament::LINEAMENT_LEVEL {
namespace {

static_assert(std::endian::native == std::endian::little, "dropout_draw takes the low half of a word first");

constexpr int64_t kBlock = 512;  // draws at a time, in L1

/// draws[j] = dropout_draw(key, first + j); `first` is even.
void draw_block(uint64_t key, int64_t first, uint32_t (&draws)[kBlock]) {
  uint64_t words[kBlock / 2];
  const uint64_t counter = static_cast<uint64_t>(first) / 2;
#pragma omp simd
  for (int64_t j = 0; j < kBlock / 2; ++j) words[j] = random_bits(key, counter + static_cast<uint64_t>(j));
  std::memcpy(draws, words, sizeof draws);
}

}  // namespace

bool dropout_singly(std::span<const Desc>, const Params& params) { return params.as<DropoutParams>().group == 1; }
bool dropout_grouped(std::span<const Desc>, const Params& params) { return params.as<DropoutParams>().group > 1; }

void dropout_simd(const Call& call) {
  const auto& [rate, group, stream] = call.params.as<DropoutParams>();
  const uint64_t key = dropout_key(call.in[1].as<uint64_t>(), stream);
  const uint32_t threshold = dropout_threshold(rate);
  const float scale = 1 / (1 - rate);
  const float* x = call.in[0].as<float>();
  float* y = call.out[0].as<float>();
  const auto total = static_cast<int64_t>(call.out[0].desc.elements());
  parallel_ranges(total, kElementwiseGrain, [=](int64_t begin, int64_t end) {
    uint32_t draws[kBlock];
    for (int64_t block = begin; block < end; block += kBlock) {
      draw_block(key, block, draws);
      const int64_t size = std::min(kBlock, end - block);
#pragma omp simd
      for (int64_t j = 0; j < size; ++j) {
        const float scaled = x[block + j] * scale;
        y[block + j] = draws[j] >= threshold ? scaled : 0.0f;
      }
    }
  });
}

void drop_path_simd(const Call& call) {
  const auto& [rate, group, stream] = call.params.as<DropoutParams>();
  const uint64_t key = dropout_key(call.in[1].as<uint64_t>(), stream);
  const uint32_t threshold = dropout_threshold(rate);
  const float scale = 1 / (1 - rate);
  const float* x = call.in[0].as<float>();
  float* y = call.out[0].as<float>();
  const int64_t size = group, groups = static_cast<int64_t>(call.out[0].desc.elements()) / group;
  parallel_chunks(groups, [=](int64_t g) {
    if (dropout_draw(key, static_cast<uint64_t>(g)) < threshold) {
      std::fill_n(y + g * size, size, 0.0f);
      return;
    }
#pragma omp simd
    for (int64_t i = g * size; i < (g + 1) * size; ++i) y[i] = x[i] * scale;
  });
}

}  // namespace lineament::LINEAMENT_LEVEL
