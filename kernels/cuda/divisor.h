// n / d and n % d by a multiplication, for a d that a kernel's threads share (Granlund & Montgomery, PLDI
// 1994).
#pragma once
#include "kernels/cuda/launch.h"

namespace lineament {

class Divisor {
 public:
  explicit Divisor(int64_t d) : divisor_(d) {
    while (int64_t{1} << shift_ < d) ++shift_;
    if (d <= kMost)
      multiplier_ = static_cast<uint32_t>((uint64_t{1} << 32) * ((uint64_t{1} << shift_) - d) / d + 1);
  }

  /// n >= 0; past 31 bits it is slow.
  __device__ int64_t quotient(int64_t n) const {
    if (n > kMost || divisor_ > kMost) return n / divisor_;
    const auto low = static_cast<uint32_t>(n);
    return (__umulhi(low, multiplier_) + low) >> shift_;
  }
  __device__ int64_t divisor() const { return divisor_; }
  __device__ int64_t remainder(int64_t n) const { return n - quotient(n) * divisor_; }

 private:
  static constexpr int64_t kMost = 0x7fffffff;
  int64_t divisor_;
  uint32_t multiplier_ = 0;
  int shift_ = 0;
};

}  // namespace lineament
