// Copies to the device that the host need not wait for: through pinned memory, a few pieces of it in turns.
#pragma once
#include <cuda_runtime.h>

#include <array>
#include <cstddef>

#include "kernels/cuda/context.h"

namespace lineament {

class Staging {
 public:
  explicit Staging(const CudaContext& context) : context_(context) {}

  /// In the stream's order; `host` may change as soon as this returns. Waits only for the copy that last used a piece.
  void copy(void* device, const void* host, size_t bytes);

 private:
  static constexpr size_t kPieceBytes = 8 << 20;
  struct Piece {
    void* pinned = nullptr;
    cudaEvent_t copied = nullptr;
  };
  Piece& next_piece();

  const CudaContext& context_;
  std::array<Piece, 4> pieces_;  // made at first use, as many as are used; kept, as the backend is
  size_t turn_ = 0;
};

}  // namespace lineament
