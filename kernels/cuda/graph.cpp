#include "kernels/cuda/graph.h"

#include "base/check.h"
#include "kernels/cuda/errors.h"

namespace lineament {
namespace {

/// Owned from the end of the capture until it is made executable.
struct Captured {
  cudaGraph_t graph = nullptr;
  ~Captured() {
    if (graph) cudaGraphDestroy(graph);
  }
};

/// `work` between a capture's begin and its end, which comes whatever happens.
void capture(const CudaContext& context, const std::function<void()>& work, Captured& captured) {
  expect(cudaStreamBeginCapture(context.stream, cudaStreamCaptureModeThreadLocal), context,
         "cudaStreamBeginCapture");
  try {
    work();
  } catch (...) {
    cudaStreamEndCapture(context.stream, &captured.graph);
    cudaGetLastError();
    throw;
  }
  expect(cudaStreamEndCapture(context.stream, &captured.graph), context, "cudaStreamEndCapture");
}

}  // namespace

CudaGraph::~CudaGraph() { cudaGraphExecDestroy(graph_); }

void CudaGraph::replay() { expect(cudaGraphLaunch(graph_, context_.stream), context_, "cudaGraphLaunch"); }

CudaRecording record_graph(const CudaContext& context, const std::function<void()>& work) {
  std::string why;
  try {
    Captured captured;
    capture(context, work, captured);
    cudaGraphExec_t made = nullptr;
    expect(cudaGraphInstantiate(&made, captured.graph, cudaGraphInstantiateFlagUseNodePriority), context,
           "cudaGraphInstantiate");  // each kernel with the priority of the stream that it was asked of
    auto graph = std::make_unique<CudaGraph>(context, made);
    expect(cudaGraphUpload(made, context.stream), context, "cudaGraphUpload");
    return {std::move(graph), {}};
  } catch (const RunError& error) {
    why = error.what();
  }
  expect(cudaStreamSynchronize(context.stream), context, "cudaStreamSynchronize");
  return {nullptr, why};
}

}  // namespace lineament
