#include "kernels/cuda/staging.h"

#include <algorithm>
#include <cstring>

#include "kernels/cuda/errors.h"

namespace lineament {

constexpr size_t kDriverStages = 64 << 10;  // what cudaMemcpyAsync takes from any memory without waiting

Staging::Piece& Staging::next_piece() {
  Piece& piece = pieces_[turn_++ % pieces_.size()];
  if (piece.pinned) {
    expect(cudaEventSynchronize(piece.copied), context_, "cudaEventSynchronize");
  } else {
    expect(cudaEventCreateWithFlags(&piece.copied, cudaEventDisableTiming), context_, "cudaEventCreate");
    expect(cudaMallocHost(&piece.pinned, kPieceBytes), context_, "cudaMallocHost");
  }
  return piece;
}

void Staging::copy(void* device, const void* host, size_t bytes) {
  if (bytes <= kDriverStages) {
    expect(cudaMemcpyAsync(device, host, bytes, cudaMemcpyHostToDevice, context_.stream), context_,
           "cudaMemcpyAsync");
    return;
  }
  for (size_t done = 0; done < bytes; done += kPieceBytes) {
    const size_t now = std::min(kPieceBytes, bytes - done);
    Piece& piece = next_piece();
    std::memcpy(piece.pinned, static_cast<const std::byte*>(host) + done, now);
    expect(cudaMemcpyAsync(static_cast<std::byte*>(device) + done, piece.pinned, now, cudaMemcpyHostToDevice,
                           context_.stream),
           context_, "cudaMemcpyAsync");
    expect(cudaEventRecord(piece.copied, context_.stream), context_, "cudaEventRecord");
  }
}

}  // namespace lineament
