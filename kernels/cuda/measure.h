// Which of a library's ways of doing one thing is fastest on this device: measured when a program is built.
#pragma once
#include <functional>
#include <optional>
#include <span>

#include "kernels/cuda/context.h"

namespace lineament {

/// Device memory to measure on. What it holds does not matter.
class Scratch {
 public:
  explicit Scratch(size_t bytes);
  ~Scratch();
  Scratch(const Scratch&) = delete;

  void* data() const { return data_; }
  /// False where the device had too little left.
  bool enough() const { return data_ || bytes_ == 0; }

 private:
  size_t bytes_;
  void* data_ = nullptr;
};

struct Way {
  std::function<bool()> run;  // asks the stream for it; false where the library cannot do it after all
  float handicap = 1;         // how many times its time counts
};

/// The place of the fastest of `ways`, which stand in the library's own order of preference; none where none runs.
/// Where results must be the same in every run, the first that runs: which is fastest may differ. RunError where the
/// device fails.
std::optional<size_t> fastest(const CudaContext& context, std::span<const Way> ways, bool deterministic);

}  // namespace lineament
