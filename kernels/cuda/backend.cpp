// CUDA as a backend: one device, a stream on which everything happens in order, a second one for what nobody waits for
// at once, and CUDA graphs as recordings.
#include "tensor/backend.h"

#include <cublasLt.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>

#include "kernels/cuda/errors.h"
#include "kernels/cuda/fusion_lists.h"
#include "kernels/cuda/graph.h"
#include "kernels/cuda/side_lane.h"
#include "kernels/cuda/staging.h"

namespace lineament {
namespace {

constexpr int kLeastCapability = 8;  // Ampere: bf16 and tf32
constexpr const char* kInstead = "use --device cpu";

/// The first device that CUDA_VISIBLE_DEVICES leaves, or an InputError that says what is in the way.
cudaDeviceProp find_device() {
  int driver = 0, count = 0;
  cudaDriverGetVersion(&driver);
  if (driver == 0) fail_input("device cuda: this machine has no NVIDIA driver; {}", kInstead);
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error == cudaErrorInsufficientDriver)
    fail_input("device cuda: the driver is for CUDA {}.{}, this build needs {}.{}: update the driver, or {}",
               driver / 1000, driver % 1000 / 10, CUDART_VERSION / 1000, CUDART_VERSION % 1000 / 10,
               kInstead);
  if (error == cudaErrorNoDevice || (error == cudaSuccess && count == 0)) {
    const char* visible = std::getenv("CUDA_VISIBLE_DEVICES");
    fail_input("device cuda: the driver finds no GPU{}; {}",
               visible ? fmt::format(" (CUDA_VISIBLE_DEVICES is \"{}\")", visible) : "", kInstead);
  }
  if (error != cudaSuccess) fail_input("device cuda: {}; {}", cudaGetErrorString(error), kInstead);
  cudaDeviceProp device;
  if (const cudaError_t asked = cudaGetDeviceProperties(&device, 0); asked != cudaSuccess)
    fail_input("device cuda: {}; {}", cudaGetErrorString(asked), kInstead);
  if (device.major < kLeastCapability)
    fail_input("device cuda: {} has compute capability {}.{}, expected {}.0 or more; {}", device.name,
               device.major, device.minor, kLeastCapability, kInstead);
  return device;
}

class CudaBackend final : public Backend {
 public:
  CudaBackend() {
    const cudaDeviceProp device = find_device();
    context_.device_name = device.name;
    context_.multiprocessors = device.multiProcessorCount;
    context_.early_launch = device.major >= 9;
    context_.shared_bytes = static_cast<int>(device.sharedMemPerBlockOptin);
    expect(cudaSetDevice(context_.device), context_, "cudaSetDevice");
    expect(cudnnCreate(&context_.cudnn), context_, "cudnnCreate");
    expect(cudaDeviceGetStreamPriorityRange(&least_priority_, &greatest_priority_), context_,
           "cudaDeviceGetStreamPriorityRange");
    expect(cublasLtCreate(&context_.cublas_lt), context_, "cublasLtCreate");
    open(context_, greatest_priority_);
    give_cudnn(context_);
  }

  const char* name() const override { return "cuda"; }
  KernelList kernels(const Op& op) const override { return op.cuda; }
  std::span<const Fusion> fusions() const override { return cuda_fusions(); }
  Stream& stream() override {
    give_cudnn(context_);
    return stream_;
  }
  Stream* side_stream() override {
    side_lane();
    give_cudnn(side_context_);
    return &side_stream_;
  }
  void fork() override { side_lane().fork(); }
  void await_side(int behind) override {
    if (side_) side_->await(behind);
  }

  void* allocate(size_t bytes) override {
    not_recording("memory is allocated");
    void* data = nullptr;
    const cudaError_t status = cudaMalloc(&data, bytes);
    if (status == cudaErrorMemoryAllocation) {
      cudaGetLastError();
      size_t free = 0, total = 0;
      cudaMemGetInfo(&free, &total);
      fail_run("out of memory on {}: {:.1f} MB asked for, {:.1f} MB of {:.1f} MB are free",
               context_.device_name, bytes / 1e6, free / 1e6, total / 1e6);
    }
    expect(status, context_, "cudaMalloc");
    bytes_of_[data] = bytes;
    given_out_ += bytes;
    peak_ = std::max(peak_, given_out_);
    return data;
  }
  void release(void* data) override {  // in destructors: what fails here is told by the next call
    cudaStreamSynchronize(context_.stream);
    cudaFree(data);
    if (const auto found = bytes_of_.extract(data)) given_out_ -= found.mapped();
  }
  size_t free_bytes() const override {
    size_t free = 0, total = 0;
    expect(cudaMemGetInfo(&free, &total), context_, "cudaMemGetInfo");
    return free;
  }

  size_t peak_bytes() const override { return peak_; }

  void copy_in(void* device, const void* host, size_t bytes) override {
    not_recording("something is copied in");
    if (bytes) staging_.copy(device, host, bytes);
  }
  void copy_out(void* host, const void* device, size_t bytes) override {
    not_recording("something is copied out");
    if (bytes)
      expect(cudaMemcpyAsync(host, device, bytes, cudaMemcpyDeviceToHost, context_.stream), context_,
             "cudaMemcpyAsync");
    synchronize();
  }
  void fill(void* device, int byte, size_t bytes) override {
    if (bytes) expect(cudaMemsetAsync(device, byte, bytes, context_.stream), context_, "cudaMemsetAsync");
  }
  void synchronize() override {
    if (side_) expect(cudaStreamSynchronize(side_context_.stream), context_, "cudaStreamSynchronize");
    expect(cudaStreamSynchronize(context_.stream), context_, "cudaStreamSynchronize");
  }

  std::unique_ptr<Recording> record(const std::function<void()>& work) override {
    not_recording("another recording begins");
    await_side(0);  // what a run that broke off left behind: a recording waits for nothing outside it
    give_cudnn(context_);
    CudaRecording recording;
    {
      const WhileRecording flag(*this);
      recording = record_graph(context_, work);
    }
    if (!recording.graph && !std::exchange(told_, true))
      fmt::print(stderr, "lineament: steps go call by call, as they cannot be recorded: {}\n", recording.why);
    return std::move(recording.graph);
  }

 private:
  struct WhileRecording {
    CudaBackend& backend;
    explicit WhileRecording(CudaBackend& backend_) : backend(backend_) { backend.recording_ = true; }
    ~WhileRecording() {
      backend.recording_ = false;
      if (backend.side_) backend.side_->forget();
    }
  };

  /// A stream, and tickets of its own, as kernels of two streams run at once.
  void open(CudaContext& context, int priority) {
    expect(cudaStreamCreateWithPriority(&context.stream, cudaStreamNonBlocking, priority), context,
           "cudaStreamCreate");
    context.tickets = static_cast<unsigned*>(allocate(kTickets * sizeof(unsigned)));
    expect(cudaMemsetAsync(context.tickets, 0, kTickets * sizeof(unsigned), context.stream), context,
           "cudaMemsetAsync");
  }
  /// Made when first asked for: many programs have no use for it. Its kernels take what room the main stream leaves.
  SideLane& side_lane() {
    if (!side_) {
      side_context_ = context_;
      open(side_context_, least_priority_);
      side_.emplace(context_, side_context_);
    }
    return *side_;
  }
  /// Both contexts share one handle of cuDNN, whose stream changes: a plan is made with a handle, and nothing promises
  /// that another may run it. Changing it is the host's business alone, and may be done while recording.
  void give_cudnn(const CudaContext& context) {
    if (std::exchange(cudnn_stream_, context.stream) != context.stream)
      expect(cudnnSetStream(context.cudnn, context.stream), context, "cudnnSetStream");
  }

  /// What is recorded is done again later, when host memory holds something else.
  void not_recording(const char* what) const { check(!recording_, "{} while work is being recorded", what); }

  CudaContext context_, side_context_;
  Stream stream_{&context_}, side_stream_{&side_context_};
  std::optional<SideLane> side_;  // none: side_context_ is not open
  cudaStream_t cudnn_stream_ = nullptr;
  int least_priority_ = 0, greatest_priority_ = 0;
  Staging staging_{context_};
  std::map<void*, size_t> bytes_of_;
  size_t given_out_ = 0, peak_ = 0;
  bool recording_ = false, told_ = false;
};

}  // namespace

Backend& cuda_backend() {
  static CudaBackend& backend =
      *new CudaBackend;  // never destroyed: at exit the driver may be gone before it
  return backend;
}

}  // namespace lineament
