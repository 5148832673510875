// The CUDA backend of a build without a GPU: host memory, and the kernels of the CUDA lists compiled for the
// host.
#include "tensor/backend.h"

#include <cstdlib>
#include <cstring>

#include "kernels/cuda/context.h"
#include "kernels/cuda/fusion_lists.h"
#include "tensor/plan.h"

namespace lineament {
namespace {

class CudaOnHost final : public Backend {
 public:
  const char* name() const override { return "cuda"; }
  KernelList kernels(const Op& op) const override { return op.cuda; }
  std::span<const Fusion> fusions() const override { return cuda_fusions(); }
  Stream& stream() override { return stream_; }
  void* allocate(size_t bytes) override {
    void* data = std::aligned_alloc(kAlignment, round_up(bytes));
    if (!data) fail_run("out of memory: {} bytes asked for", bytes);
    return data;
  }
  void release(void* data) override { std::free(data); }
  void copy_in(void* device, const void* host, size_t bytes) override { copy(device, host, bytes); }
  void copy_out(void* host, const void* device, size_t bytes) override { copy(host, device, bytes); }
  void fill(void* device, int byte, size_t bytes) override {
    if (bytes) std::memset(device, byte, bytes);
  }

 private:
  static void copy(void* to, const void* from, size_t bytes) {
    if (bytes) std::memcpy(to, from, bytes);
  }
  unsigned tickets_[kTickets] = {};
  // A small GPU: blocks that run at once, and what they hold in shared memory, are few.
  CudaContext context_{.multiprocessors = 6,
                       .shared_bytes = 48 << 10,
                       .device_name = "the host",
                       .tickets = tickets_};
  Stream stream_{&context_};
};

}  // namespace

Backend& cuda_backend() {
  static CudaOnHost backend;
  return backend;
}

}  // namespace lineament
