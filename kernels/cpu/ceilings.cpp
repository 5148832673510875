// Ceilings on all threads: each runs its burst on memory of its own until the time is over.
#include "kernels/ceilings.h"

#include <chrono>
#include <memory>
#include <numeric>
#include <vector>

#include "kernels/cpu/levels.h"
#include "kernels/cpu/parallel.h"

#define LINEAMENT_LEVEL avx512
#include "kernels/cpu/simd/ceilings.h"
#undef LINEAMENT_LEVEL
#define LINEAMENT_LEVEL avx2
#include "kernels/cpu/simd/ceilings.h"
#undef LINEAMENT_LEVEL
#define LINEAMENT_LEVEL portable
#include "kernels/cpu/simd/ceilings.h"
#undef LINEAMENT_LEVEL

namespace lineament {
namespace {

struct Bursts {
  const char* level;
  double (*fma)();
  void (*read)(const float*, int64_t);
  void (*copy)(float*, const float*, int64_t);
  void (*triad)(float*, const float*, const float*, int64_t);
};

#define LINEAMENT_BURSTS(level) \
  { #level, level::fma_burst, level::read_sweep, level::copy_sweep, level::triad_sweep }

const Bursts& widest() {
  LINEAMENT_X86(static constexpr Bursts avx512 = LINEAMENT_BURSTS(avx512); if (has_avx512()) return avx512;
                static constexpr Bursts avx2 = LINEAMENT_BURSTS(avx2); if (has_avx2()) return avx2;)
  static constexpr Bursts portable = LINEAMENT_BURSTS(portable);
  return portable;
}

constexpr size_t kLineFloats = 16;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// The sum over threads of what f() returned, each divided by the seconds that this thread took.
template <class F>
double rate_of(double seconds, F&& f) {
  std::vector<double> rates(static_cast<size_t>(max_threads()));
  on_each_thread([&] {
#pragma omp barrier
    const double begin = now();
    double done = 0, end;
    do {
      done += f();
      end = now();
    } while (end - begin < seconds);
    rates[static_cast<size_t>(thread_index())] = done / (end - begin);
  });
  return std::accumulate(rates.begin(), rates.end(), 0.0);
}

}  // namespace

const char* widest_level() { return widest().level; }

double fma_gflops(double seconds) { return rate_of(seconds, widest().fma) / 1e9; }

double sweep_gbps(Sweep sweep, size_t bytes, double seconds) {
  const int arrays = sweep == Sweep::read ? 1 : sweep == Sweep::copy ? 2 : 3;
  const size_t threads = static_cast<size_t>(max_threads());
  const size_t part = bytes / sizeof(float) / threads / arrays / kLineFloats * kLineFloats;
  const size_t stride = part + kLineFloats;  // so that arrays do not lie on each other's sets of a cache
  const std::unique_ptr<float[]> memory(new float[threads * arrays * stride + kLineFloats]);
  const Bursts& burst = widest();
  on_each_thread([&] { std::fill_n(memory.get() + thread_index() * arrays * stride, arrays * stride, 1.0f); });
  return rate_of(seconds,
                 [&, count = static_cast<int64_t>(part)] {
                   const size_t lead =
                       kLineFloats - reinterpret_cast<uintptr_t>(memory.get()) / sizeof(float) % kLineFloats;
                   float* a = memory.get() + lead + thread_index() * arrays * stride;
                   const int repeats =
                       static_cast<int>(1 + 65536 / count);  // reading the clock costs next to nothing
                   for (int i = 0; i < repeats; ++i) {
                     if (sweep == Sweep::read) burst.read(a, count);
                     if (sweep == Sweep::copy) burst.copy(a + stride, a, count);
                     if (sweep == Sweep::triad) burst.triad(a + 2 * stride, a, a + stride, count);
                   }
                   return double(repeats) * double(part) * sizeof(float) * arrays;
                 }) /
         1e9;
}

void copy_floats(float* to, const float* from, size_t count) {
  const Bursts& burst = widest();
  parallel_ranges(static_cast<int64_t>(count), kElementwiseGrain,
                  [&](int64_t begin, int64_t end) { burst.copy(to + begin, from + begin, end - begin); });
}

}  // namespace lineament
