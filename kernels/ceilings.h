// What kernels are measured against: the rate of multiply-adds and of moving memory, as it is at this moment.
#pragma once
#include <cstddef>

namespace lineament {

/// "avx512", "avx2" or "portable": the widest registers this processor has, whose kernels are chosen.
const char* widest_level();

/// GFLOP/s of independent f32 multiply-adds, counted 2 each, in registers of that level on all threads().
double fma_gflops(double seconds);

/// GB/s of plain loads and stores, counted once for each array that the formula names.
enum class Sweep { read, copy, triad };  // sum += a;  b = a;  c = a + s b
/// Over arrays of `bytes` in all, an equal part for each of threads(), again and again for so long.
double sweep_gbps(Sweep sweep, size_t bytes, double seconds);

/// Copies once on all threads: for timing beside a kernel on as many bytes. Neither may overlap.
void copy_floats(float* to, const float* from, size_t count);

}  // namespace lineament
