// How many threads kernels use: a setting of the process, fixed by a program while it runs. OpenMP's pool, which has no
// threads left in a forked child, is emptied before a fork.
#include <omp.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>

#include "base/cpus.h"
#include "kernels/cpu/parallel.h"
#include "tensor/backend.h"

namespace lineament {
namespace {

std::atomic<int> chosen_threads = 0;  // 0: the default
thread_local int scoped_threads = 0;  // 0: no ThreadsScope
thread_local int index_in_team = 0;   // 0 outside teams too

int usual_threads() {
  static const int usual = available_cpus().count;
  return usual;
}

/// Joins the forking thread's pool, which its next region starts anew, in parent and child. Threads of other pools are
/// not in the child, and neither is anybody who would wait for them.
void before_fork() { omp_pause_resource_all(omp_pause_soft); }

}  // namespace

void set_threads(int threads) { chosen_threads = std::max(0, threads); }

int threads() {
  if (scoped_threads > 0) return scoped_threads;
  const int chosen = chosen_threads;
  return chosen > 0 ? chosen : usual_threads();
}

ThreadsScope::ThreadsScope(int threads) : before_(scoped_threads) {
  if (threads > 0) scoped_threads = threads;
}
ThreadsScope::~ThreadsScope() { scoped_threads = before_; }

int max_threads() { return threads(); }

int team_size() {
  [[maybe_unused]] static const int installed = pthread_atfork(before_fork, nullptr, nullptr);
  return max_threads();
}

int thread_index() { return index_in_team; }
ThreadIndex::ThreadIndex(int index) : before_(index_in_team) { index_in_team = index; }
ThreadIndex::~ThreadIndex() { index_in_team = before_; }

}  // namespace lineament
