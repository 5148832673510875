// Bursts on the calling thread at one level (ceilings.cpp). Read once a level: no guard.
#include <cstdint>

namespace lineament::LINEAMENT_LEVEL {

/// Multiply-adds in registers; returns how many flops they were.
double fma_burst();
/// Sweeps over `count` floats an array.
void read_sweep(const float* a, int64_t count);
void copy_sweep(float* b, const float* a, int64_t count);
void triad_sweep(float* c, const float* a, const float* b, int64_t count);

}  // namespace lineament::LINEAMENT_LEVEL
