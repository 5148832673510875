// Nothing allocates while a program runs: counts every malloc, new or aligned_alloc of the process.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>

#include "data/contest.h"
#include "data/faces.h"
#include "models/models.h"
#include "network/network.h"
#include "train/learner.h"

// Under the address sanitizer malloc is the sanitizer's own.
#if !defined(__SANITIZE_ADDRESS__)
namespace {
std::atomic<long> allocations = 0;
}

extern "C" {
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);

void* malloc(size_t bytes) { return ++allocations, __libc_malloc(bytes); }
void* calloc(size_t count, size_t bytes) { return ++allocations, __libc_calloc(count, bytes); }
void* realloc(void* data, size_t bytes) { return ++allocations, __libc_realloc(data, bytes); }
void* memalign(size_t alignment, size_t bytes) { return ++allocations, __libc_memalign(alignment, bytes); }
void* aligned_alloc(size_t alignment, size_t bytes) { return ++allocations, __libc_memalign(alignment, bytes); }
int posix_memalign(void** out, size_t alignment, size_t bytes) {
  *out = (++allocations, __libc_memalign(alignment, bytes));
  return *out ? 0 : ENOMEM;
}
}

using namespace lineament;

TEST_CASE("nothing allocates while a training step runs, its update included") {
  const int n = 5;
  const std::vector<float> images(n * contest::kValues, 0.5f), keypoints(n * contest::kCoordinates, 0.1f), mask(n * contest::kCoordinates, 1.0f);
  const Batch batch{n, images, keypoints, mask};
  for (const char* name : {"baseline", "dense2", "cnn", "efficientnet_b0"}) {  // the last has every kind of op
    CAPTURE(std::string(name));
    const Model model = find_model(name);
    Network network(model, model.loss, cpu_backend(), 1);
    for (const OptimizerRow& row : Choices<OptimizerKind>::rows()) {
      CAPTURE(std::string(row.name));
      Optimizer optimizer({.kind = row.value, .average_decay = 0.9f}, network.parameters());
      Learner learner(network, optimizer);
      uint64_t step = 0;
      for (; step < 2; ++step) {  // traces, plans and allocates; threads start; asks whether steps can be recorded
        learner.learn(batch, step, 1e-4f);
        learner.take();
      }
      const long before = allocations;
      learner.learn(batch, step, 1e-4f);
      CHECK(allocations - before == 0);
    }
  }
}

TEST_CASE("the counter counts") {
  const long before = allocations;
  std::vector<int>* volatile kept = new std::vector<int>(100);
  CHECK(allocations - before == 2);
  delete kept;
}
#endif
