// What every CUDA kernel is run with: its stream, the libraries' handles on it, and what the device is.
#pragma once
#include <string>

#include "tensor/op.h"

struct CUstream_st;
struct cudnnContext;
struct cublasLtContext;

namespace lineament {

/// Blocks of one kernel that may ask who is the last of them (kernels/cuda/rows.h), by ticket.
inline constexpr int kTickets = 512;

/// Stream::handle on CUDA. Plain pointers, so that no CUDA header is needed to read it.
struct CudaContext {
  CUstream_st* stream = nullptr;
  cudnnContext* cudnn = nullptr;
  cublasLtContext* cublas_lt = nullptr;
  int device = 0;
  int multiprocessors = 1;
  bool early_launch = false;  // a kernel of ours may take its places while the one before it ends (kernels/cuda/launch.h)
  int shared_bytes = 0;  // of shared memory that a block may ask for
  std::string device_name;
  unsigned* tickets = nullptr;  // kTickets zeros, of which a kernel leaves zeros
};

inline CudaContext& context_of(const Call& call) { return *static_cast<CudaContext*>(call.stream.handle); }

}  // namespace lineament
