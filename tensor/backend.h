// Where kernels run and bytes live: the CPU, always; CUDA, when it is built in.
#pragma once
#include <cstddef>
#include <string_view>
#include <utility>

#include "tensor/op.h"

namespace lineament {

class Backend {
 public:
  virtual ~Backend() = default;
  virtual const char* name() const = 0;
  virtual KernelList kernels(const Op& op) const = 0;
  virtual Stream& stream() = 0;
  /// At least 64-byte aligned. Fails with RunError that says how much was asked for.
  virtual void* allocate(size_t bytes) = 0;
  virtual void release(void* data) = 0;
  virtual void copy_in(void* device, const void* host, size_t bytes) = 0;
  virtual void copy_out(void* host, const void* device, size_t bytes) = 0;
  virtual void fill(void* device, int byte, size_t bytes) = 0;
};

Backend& cpu_backend();
/// InputError in one line where this build or machine has none.
Backend& cuda_backend();
/// "cpu" or "cuda".
Backend& find_backend(std::string_view name);

/// Threads the CPU kernels use; 0 means one per core. Results do not depend on it, to the bit. Programs run on at most as
/// many as there were when they were built.
void set_threads(int threads);
int threads();

/// Bytes on a backend, owned.
class Memory {
 public:
  explicit Memory(Backend& backend, size_t bytes = 0) : backend_(&backend) { resize(bytes); }
  Memory(Memory&& other) noexcept
      : backend_(other.backend_), data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  Memory& operator=(Memory&& other) noexcept {
    std::swap(backend_, other.backend_);
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Memory() { resize(0); }

  void* data() const { return data_; }
  size_t bytes() const { return bytes_; }
  /// The contents are lost.
  void resize(size_t bytes) {
    if (data_) backend_->release(data_);
    data_ = nullptr;
    bytes_ = 0;
    if (bytes) data_ = backend_->allocate(bytes);
    bytes_ = bytes;
  }

 private:
  Backend* backend_;
  void* data_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace lineament
