// A register of which only the first few floats are in memory: rows whose width is no multiple of kLanes.
#pragma once
#if defined(__AVX__)
#include <immintrin.h>
#endif

#include "kernels/cpu/simd/lanes.h"

namespace lineament::LINEAMENT_LEVEL {

#if defined(__AVX512F__)
inline __mmask16 first_lanes(int64_t count) { return static_cast<__mmask16>((1u << count) - 1); }
#elif defined(__AVX__)
inline __m256i first_lanes(int64_t count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)),
                            _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
#endif

inline Lanes load_lanes(const float* from) {
  Lanes lanes;
  std::memcpy(&lanes, from, sizeof lanes);
  return lanes;
}
inline void store_lanes(float* to, Lanes lanes) { std::memcpy(to, &lanes, sizeof lanes); }

/// Outputs that no cache holds until they are read: stored past it they cost half the traffic.
inline constexpr int64_t kStreamBytes = 16 << 20;

/// Past the caches, straight to memory: for whole lines that nobody reads soon. `to` is aligned to a register.
/// Whoever streams calls stream_fence() before others may read.
inline void stream_lanes(float* to, Lanes lanes) {
#if defined(__AVX512F__)
  _mm512_stream_ps(to, __m512(lanes));
#elif defined(__AVX__)
  _mm256_stream_ps(to, __m256(lanes));
#else
  store_lanes(to, lanes);
#endif
}
inline void stream_fence() {
#if defined(__AVX__)
  _mm_sfence();
#endif
}

/// The first `count` floats at `from`, then zeros; count is 0 to kLanes, and nothing behind it is touched.
inline Lanes load_first(const float* from, int64_t count) {
#if defined(__AVX512F__)
  return Lanes(_mm512_maskz_loadu_ps(first_lanes(count), from));
#elif defined(__AVX__)
  return Lanes(_mm256_maskload_ps(from, first_lanes(count)));
#else
  Lanes lanes{};
  std::memcpy(&lanes, from, count * sizeof(float));
  return lanes;
#endif
}

inline void store_first(float* to, int64_t count, Lanes lanes) {
#if defined(__AVX512F__)
  _mm512_mask_storeu_ps(to, first_lanes(count), __m512(lanes));
#elif defined(__AVX__)
  _mm256_maskstore_ps(to, first_lanes(count), __m256(lanes));
#else
  std::memcpy(to, &lanes, count * sizeof(float));
#endif
}

}  // namespace lineament::LINEAMENT_LEVEL
