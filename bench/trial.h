// A trial: one op alone on memory of its own, ready to run again and again.
#pragma once
#include <vector>

#include "bench/work.h"
#include "tensor/backend.h"

namespace lineament {

/// The kernels of the op's list on the CPU that take these shapes here, best first, the readable reference last.
std::vector<const Kernel*> kernels_for(const Work& work);

/// Two sets of tensors used in turn, so that the caches do not hold what the last run left, as in a step; one set
/// where a set is larger than any cache. Inputs are random; an argmax is what the pool answers on random pictures.
class Trial {
 public:
  Trial(const Work& work, const Kernel& kernel);
  void run();

 private:
  struct Set {
    std::vector<Memory> memory;
    std::vector<View> in, out;
  };
  Set new_set() const;

  Work work_;
  const Kernel& kernel_;
  std::vector<Set> sets_;
  Memory workspace_;
  size_t next_ = 0;
};

/// Fills `data` with numbers from `low` to `high` that repeat after a while.
void fill_randomly(std::span<float> data, float low, float high);

/// Bytes of a set from which on one is enough.
inline constexpr double kBeyondCaches = 128e6;

}  // namespace lineament
