// Threads: work is cut into chunks that do not depend on how many threads there are, so results do not either.
// OpenMP's own settings are the host program's: nothing here reads or changes them.
#pragma once
#include <omp.h>

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace lineament {

/// Threads that kernels started by this thread use: what its running program was built for, else threads().
int max_threads();

/// The same, before a parallel region: a fork of the process finds no threads in the way from then on.
int team_size();

/// The thread a chunk runs on, below max_threads(): the index of its part of a workspace. Not OpenMP's number, which may
/// be that of the host's own parallel region.
int thread_index();

/// While it lives, thread_index() of this thread.
class ThreadIndex {
 public:
  explicit ThreadIndex(int index);
  ~ThreadIndex();
  ThreadIndex(const ThreadIndex&) = delete;

 private:
  int before_;
};

/// Runs f(chunk) for every chunk, on all threads, or on this one where the work is not worth waking them: a few
/// microseconds. Chunks may run in any order: they must write apart.
template <class F>
void parallel_chunks(int64_t chunks, F&& f, bool worth_threads = true) {
  const int threads = worth_threads && chunks > 1 ? team_size() : 1;
  if (threads == 1) {  // OpenMP's own `if` would allocate a team of one
    for (int64_t chunk = 0; chunk < chunks; ++chunk) f(chunk);
    return;
  }
  struct alignas(64) Counter {  // a cache line of its own: beside it lies what `f` reads
    std::atomic<int64_t> value = 0;
  } next;  // not `omp for schedule(dynamic)`: Debian's libomp allocates for every chunk of it
#pragma omp parallel num_threads(threads)
  {
    const ThreadIndex index(omp_get_thread_num());
    for (int64_t chunk; (chunk = next.value.fetch_add(1, std::memory_order_relaxed)) < chunks;) f(chunk);
  }
}

/// Runs f() once on each thread, all at the same time.
template <class F>
void on_each_thread(F&& f) {
#pragma omp parallel num_threads(team_size())
  {
    const ThreadIndex index(omp_get_thread_num());
    f();
  }
}

/// Runs f(begin, end) over [0, total) in chunks of `grain`.
template <class F>
void parallel_ranges(int64_t total, int64_t grain, F&& f) {
  parallel_chunks((total + grain - 1) / grain,
                  [&](int64_t chunk) { f(chunk * grain, std::min(total, (chunk + 1) * grain)); });
}

/// Elements that one chunk of an elementwise kernel takes: large enough to hide the scheduling, small enough for L2.
inline constexpr int64_t kElementwiseGrain = 16384;

}  // namespace lineament
