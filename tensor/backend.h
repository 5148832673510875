// Where kernels run and bytes live: the CPU, always; CUDA, when it is built in.
#pragma once
#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <utility>

#include "base/choice.h"
#include "tensor/op.h"
#include "tensor/precision.h"

namespace lineament {

struct Fusion;

/// Work done once and kept, to be done again on the same addresses.
struct Recording {
  virtual ~Recording() = default;
  virtual void replay() = 0;
};

class Backend {
 public:
  virtual ~Backend() = default;
  virtual const char* name() const = 0;
  virtual KernelList kernels(const Op& op) const = 0;
  /// Pairs of nodes that its kernels do together (tensor/fuse.h).
  virtual std::span<const Fusion> fusions() const { return {}; }
  virtual Stream& stream() = 0;
  /// At least 64-byte aligned. Fails with RunError that says how much was asked for.
  virtual void* allocate(size_t bytes) = 0;
  virtual void release(void* data) = 0;
  virtual void copy_in(void* device, const void* host, size_t bytes) = 0;
  virtual void copy_out(void* host, const void* device, size_t bytes) = 0;
  virtual void fill(void* device, int byte, size_t bytes) = 0;

  /// A second order for work beside that of stream(); null where there is none. Each call asks for its stream anew, as
  /// libraries' handles follow the stream that was asked for last.
  virtual Stream* side_stream() { return nullptr; }
  /// Begins a batch of side work, which waits for all that was asked of stream() so far.
  virtual void fork() {}
  /// What is asked of stream() from now on waits for all batches but the last `behind`. Work that is recorded ends with
  /// none behind.
  virtual void await_side(int behind) { (void)behind; }

  /// Keeps what `work` asks of the stream, which does not happen yet: kernels alone, all of which ran before, and no
  /// copies to or from the host. Null where there is nothing to gain or no way: nothing happened, and `work` is to be run
  /// as it is.
  virtual std::unique_ptr<Recording> record(const std::function<void()>& work) {
    (void)work;
    return nullptr;
  }
  /// InputError where its kernels cannot compute so.
  virtual void expect_precision(Precision precision) const { (void)precision; }
  /// Waits until all that was asked for is done.
  virtual void synchronize() {}
  /// What allocate() can still give, for messages: without a limit where that is not known.
  virtual size_t free_bytes() const { return std::numeric_limits<size_t>::max(); }
  /// The most that allocate() had given out at one time; 0 where that is not counted.
  virtual size_t peak_bytes() const { return 0; }
};

Backend& cpu_backend();
/// InputError in one line where this build or machine has none.
Backend& cuda_backend();

enum class Device { cpu, cuda };

struct DeviceRow : Choice<Device> {
  Backend& (*backend)();
};

template <>
struct Choices<Device> {
  static constexpr DeviceRow kRows[] = {
      {{"cpu", Device::cpu, ""}, cpu_backend},
      {{"cuda", Device::cuda, "where it is built in"}, cuda_backend},
  };
  static constexpr std::span<const DeviceRow> rows() { return kRows; }
};

/// InputError where this build or machine has none.
inline Backend& find_backend(Device device) { return row_of(device).backend(); }

/// Threads the CPU kernels use, a setting of the process that any thread may change; 0 means as many as it may run on
/// (base/cpus.h). OpenMP's own settings, which are the host program's, stay as they are. A program keeps the number that
/// it was built for. Results do not depend on it, to the bit.
void set_threads(int threads);
int threads();

/// While it lives, threads() is another on this thread, for the kernels that it starts; 0 changes nothing.
class ThreadsScope {
 public:
  explicit ThreadsScope(int threads);
  ~ThreadsScope();
  ThreadsScope(const ThreadsScope&) = delete;

 private:
  int before_;
};

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
