// The CPU as a backend: aligned memory, kernels run where they are called.
#include "tensor/backend.h"

#ifdef __linux__
#include <sys/mman.h>
#endif

#include <cstdlib>
#include <cstring>

#include "base/memory.h"
#include "tensor/plan.h"

namespace lineament {
namespace {

constexpr size_t kHugePage = 2 << 20;

/// Pages of 2 MB where the system gives them: kernels walk arenas of gigabytes, which small pages would have them look
/// up line by line.
void* allocate_pages(size_t bytes) {
  void* data = std::aligned_alloc(kHugePage, (bytes + kHugePage - 1) / kHugePage * kHugePage);
#ifdef __linux__
  if (data) madvise(data, bytes, MADV_HUGEPAGE);  // a wish: refused, the memory is as good
#endif
  return data;
}

class CpuBackend final : public Backend {
 public:
  const char* name() const override { return "cpu"; }
  KernelList kernels(const Op& op) const override { return op.cpu; }
  Stream& stream() override { return stream_; }
  void* allocate(size_t bytes) override {
    void* data = bytes < 2 * kHugePage ? std::aligned_alloc(kAlignment, round_up(bytes)) : allocate_pages(bytes);
    if (!data) fail_run("out of memory: {:.1f} MB asked for; a smaller batch needs less", bytes / 1e6);
    return data;
  }
  void release(void* data) override { std::free(data); }
  size_t free_bytes() const override { return free_memory().bytes; }
  void copy_in(void* device, const void* host, size_t bytes) override { copy(device, host, bytes); }
  void copy_out(void* host, const void* device, size_t bytes) override { copy(host, device, bytes); }
  void fill(void* device, int byte, size_t bytes) override {
    if (bytes) std::memset(device, byte, bytes);
  }
  void expect_precision(Precision precision) const override {
    if (precision != Precision::f32)
      fail_input("--precision {}: the CPU computes in f32 alone; leave it out, or use --device cuda", name_of(precision));
  }

 private:
  static void copy(void* to, const void* from, size_t bytes) {
    if (bytes) std::memcpy(to, from, bytes);
  }
  Stream stream_;
};

}  // namespace

Backend& cpu_backend() {
  static CpuBackend backend;
  return backend;
}

}  // namespace lineament
