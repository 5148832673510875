// CUDA as a backend: one device, one stream on which everything happens in order, and CUDA graphs as recordings.
#include "tensor/backend.h"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "kernels/cuda/errors.h"
#include "kernels/cuda/graph.h"
#include "kernels/cuda/staging.h"

namespace lineament {
namespace {

constexpr int kLeastCapability = 8;  // Ampere: bf16 and tf32
constexpr size_t kCublasWorkspace =
    32 << 20;  // what cuBLAS asks for on Hopper; its own would be allocated while recording
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
    expect(cudaSetDevice(context_.device), context_, "cudaSetDevice");
    expect(cudaStreamCreateWithFlags(&context_.stream, cudaStreamNonBlocking), context_, "cudaStreamCreate");
    expect(cudnnCreate(&context_.cudnn), context_, "cudnnCreate");
    expect(cudnnSetStream(context_.cudnn, context_.stream), context_, "cudnnSetStream");
    expect(cublasCreate(&context_.cublas), context_, "cublasCreate");
    expect(cublasSetStream(context_.cublas, context_.stream), context_, "cublasSetStream");
    expect(cublasSetWorkspace(context_.cublas, allocate(kCublasWorkspace), kCublasWorkspace), context_,
           "cublasSetWorkspace");  // after the stream, which would set it back
    context_.tickets = static_cast<unsigned*>(allocate(kTickets * sizeof(unsigned)));
    expect(cudaMemsetAsync(context_.tickets, 0, kTickets * sizeof(unsigned), context_.stream), context_,
           "cudaMemsetAsync");
    expect(cublasSetMathMode(context_.cublas, CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION), context_,
           "cublasSetMathMode");
  }

  const char* name() const override { return "cuda"; }
  KernelList kernels(const Op& op) const override { return op.cuda; }
  Stream& stream() override { return stream_; }

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
  void set_precision(Precision precision, bool deterministic) override {
    context_.tf32 = precision != Precision::f32;
    context_.deterministic = deterministic;
  }
  void synchronize() override {
    expect(cudaStreamSynchronize(context_.stream), context_, "cudaStreamSynchronize");
  }

  std::unique_ptr<Recording> record(const std::function<void()>& work) override {
    not_recording("another recording begins");
    recording_ = true;
    CudaRecording recording;
    try {
      recording = record_graph(context_, work);
    } catch (...) {
      recording_ = false;
      throw;
    }
    recording_ = false;
    if (!recording.graph && !std::exchange(told_, true))
      fmt::print(stderr, "lineament: steps go call by call, as they cannot be recorded: {}\n", recording.why);
    return std::move(recording.graph);
  }

 private:
  /// What is recorded is done again later, when host memory holds something else.
  void not_recording(const char* what) const { check(!recording_, "{} while work is being recorded", what); }

  CudaContext context_;
  Stream stream_{&context_};
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
