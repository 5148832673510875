// Work that was asked of the stream once, kept as a CUDA graph and done again with one call.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "kernels/cuda/context.h"
#include "tensor/backend.h"

struct CUgraphExec_st;

namespace lineament {

class CudaGraph final : public Recording {
 public:
  CudaGraph(const CudaContext& context, CUgraphExec_st* graph) : context_(context), graph_(graph) {}
  ~CudaGraph() override;
  CudaGraph(const CudaGraph&) = delete;
  CudaGraph& operator=(const CudaGraph&) = delete;

  void replay() override;

 private:
  const CudaContext& context_;
  CUgraphExec_st* graph_;
};

/// What `work` asks of the stream, which does none of it now. Null, and why, where that cannot be recorded, though it may
/// well run; RunError where the device itself no longer answers.
struct CudaRecording {
  std::unique_ptr<CudaGraph> graph;
  std::string why;
};
CudaRecording record_graph(const CudaContext& context, const std::function<void()>& work);

}  // namespace lineament
