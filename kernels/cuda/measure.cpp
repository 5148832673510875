#include "kernels/cuda/measure.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>

#include "kernels/cuda/errors.h"
#include "kernels/cuda/graph.h"

namespace lineament {
namespace {

constexpr int kRuns = 5;            // in a graph
constexpr int kReplays = 3;         // of it; the shortest counts, as a disturbance only makes one longer
constexpr double kMostSeconds = 0.25;  // after which those that the library likes least go unmeasured

/// The marks between the replays.
class Marks {
 public:
  explicit Marks(const CudaContext& context) : context_(context) {
    for (cudaEvent_t& event : events_) expect(cudaEventCreate(&event), context, "cudaEventCreate");
  }
  ~Marks() {
    for (cudaEvent_t event : events_)
      if (event) cudaEventDestroy(event);
  }
  Marks(const Marks&) = delete;

  void set(int i) { expect(cudaEventRecord(events_[i], context_.stream), context_, "cudaEventRecord"); }
  /// Milliseconds of the shortest of the replays, all of which are over then.
  float shortest() const {
    expect(cudaEventSynchronize(events_.back()), context_, "a library's kernels, measured,");
    float shortest = std::numeric_limits<float>::infinity();
    for (int i = 0; i < kReplays; ++i) {
      float milliseconds = 0;
      expect(cudaEventElapsedTime(&milliseconds, events_[i], events_[i + 1]), context_, "cudaEventElapsedTime");
      shortest = std::min(shortest, milliseconds);
    }
    return shortest;
  }

 private:
  const CudaContext& context_;
  std::array<cudaEvent_t, kReplays + 1> events_ = {};
};

/// Milliseconds of some runs in a CUDA graph, as in a training step: asked for one by one, short ones would take as
/// long as the host does to ask. Infinite where it runs, but no graph can hold it; none where it does not run.
std::optional<float> measure(const CudaContext& context, const std::function<bool()>& run) {
  if (!run()) {  // loads what it needs, too
    cudaGetLastError();
    return {};
  }
  bool all = true;
  const CudaRecording runs = record_graph(context, [&] {
    for (int i = 0; i < kRuns; ++i) all = run() && all;
  });
  cudaGetLastError();
  if (!runs.graph || !all) return std::numeric_limits<float>::infinity();
  Marks marks(context);
  for (int i = 0; i < 2; ++i) runs.graph->replay();  // while these run the host asks for the rest
  marks.set(0);
  for (int i = 1; i <= kReplays; ++i) {
    runs.graph->replay();
    marks.set(i);
  }
  return marks.shortest();
}

}  // namespace

Scratch::Scratch(size_t bytes) : bytes_(bytes) {
  if (bytes && cudaMalloc(&data_, bytes) != cudaSuccess) cudaGetLastError();
}
Scratch::~Scratch() { cudaFree(data_); }

std::optional<size_t> fastest(const CudaContext& context, std::span<const Way> ways, bool deterministic) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  std::optional<size_t> best;
  float best_time = 0;
  for (size_t i = 0; i < ways.size(); ++i) {
    const std::optional<float> time = measure(context, ways[i].run);
    if (!time) continue;
    if (const float counted = *time * ways[i].handicap; !best || counted < best_time) best = i, best_time = counted;
    const bool late = std::chrono::duration<double>(Clock::now() - begin).count() > kMostSeconds;
    if ((deterministic || late) && std::isfinite(best_time)) break;
  }
  return best;
}

}  // namespace lineament
