// The fastest loops there are, one for each ceiling: multiply-adds in registers, loads, stores.
#include "kernels/cpu/simd/ceilings.h"

#include "kernels/cpu/simd/lanes.h"

namespace lineament::LINEAMENT_LEVEL {
namespace {

constexpr int kAccumulators = 12;  // two units, four or five cycles each: ten would do
constexpr int kRounds = 2000;
constexpr int kUnrolled = 8;

/// Makes the compiler believe that somebody reads these lanes.
void keep(Lanes lanes) { asm volatile("" ::"x"(lanes)); }

Lanes at(const float* data) {
  Lanes lanes;
  std::memcpy(&lanes, data, sizeof lanes);
  return lanes;
}

/// f(i) at every whole group of registers, in order.
template <class F>
void over_groups(int64_t count, F&& f) {
  for (int64_t i = 0; i + kUnrolled * kLanes <= count; i += kUnrolled * kLanes) f(i);
}

}  // namespace

double fma_burst() {
  Lanes sums[kAccumulators];
  const Lanes factor = broadcast(0.999f), addend = broadcast(0.5f);
#pragma GCC unroll 12
  for (int k = 0; k < kAccumulators; ++k) sums[k] = broadcast(0.1f * float(k));
  for (int round = 0; round < kRounds; ++round)
#pragma GCC unroll 12
    for (int k = 0; k < kAccumulators; ++k) sums[k] = sums[k] * factor + addend;
#pragma GCC unroll 12
  for (int k = 0; k < kAccumulators; ++k) keep(sums[k]);
  return 2.0 * kRounds * kAccumulators * kLanes;
}

void read_sweep(const float* a, int64_t count) {
  Lanes sums[kUnrolled]{};
  over_groups(count, [&](int64_t i) {
#pragma GCC unroll 8
    for (int k = 0; k < kUnrolled; ++k) sums[k] += at(a + i + k * kLanes);
  });
#pragma GCC unroll 8
  for (int k = 0; k < kUnrolled; ++k) keep(sums[k]);
}

void copy_sweep(float* b, const float* a, int64_t count) {
  over_groups(count, [=](int64_t i) {
#pragma GCC unroll 8
    for (int k = 0; k < kUnrolled; ++k) {
      const Lanes lanes = at(a + i + k * kLanes);
      std::memcpy(b + i + k * kLanes, &lanes, sizeof lanes);
    }
  });
  const int64_t rest = count % (kUnrolled * kLanes);
  std::memcpy(b + count - rest, a + count - rest, static_cast<size_t>(rest) * sizeof(float));
}

void triad_sweep(float* c, const float* a, const float* b, int64_t count) {
  const Lanes scale = broadcast(0.5f);
  over_groups(count, [=](int64_t i) {
#pragma GCC unroll 8
    for (int k = 0; k < kUnrolled; ++k) {
      const Lanes lanes = at(a + i + k * kLanes) + scale * at(b + i + k * kLanes);
      std::memcpy(c + i + k * kLanes, &lanes, sizeof lanes);
    }
  });
}

}  // namespace lineament::LINEAMENT_LEVEL
