// Threads: work is cut into chunks that do not depend on how many threads there are, so results do not either.
#pragma once
#include <omp.h>

#include <algorithm>
#include <cstdint>

namespace lineament {

/// Runs f(chunk) for every chunk, on all threads, or on this one where the work is not worth waking them: a few
/// microseconds. Chunks may run in any order: they must write apart.
template <class F>
void parallel_chunks(int64_t chunks, F&& f, bool worth_threads = true) {
  if (!worth_threads || chunks < 2) {  // OpenMP's own `if` would allocate a team of one
    for (int64_t chunk = 0; chunk < chunks; ++chunk) f(chunk);
    return;
  }
#pragma omp parallel for schedule(dynamic, 1)
  for (int64_t chunk = 0; chunk < chunks; ++chunk) f(chunk);
}

/// Runs f(begin, end) over [0, total) in chunks of `grain`.
template <class F>
void parallel_ranges(int64_t total, int64_t grain, F&& f) {
  parallel_chunks((total + grain - 1) / grain,
                  [&](int64_t chunk) { f(chunk * grain, std::min(total, (chunk + 1) * grain)); });
}

/// The thread a chunk runs on, below max_threads(): the index of its part of a workspace.
static inline int thread_index() { return omp_get_thread_num(); }
static inline int max_threads() { return omp_get_max_threads(); }

/// Elements that one chunk of an elementwise kernel takes: large enough to hide the scheduling, small enough for L2.
inline constexpr int64_t kElementwiseGrain = 16384;

}  // namespace lineament
