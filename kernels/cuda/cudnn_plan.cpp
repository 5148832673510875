#include "kernels/cuda/cudnn_plan.h"

#include <chrono>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <tuple>

#include "base/check.h"
#include "kernels/cuda/graph.h"

#define KIND(name) \
  { CUDNN_BACKEND_##name##_DESCRIPTOR, #name }
#define ATTR(name) \
  { CUDNN_ATTR_##name, "CUDNN_ATTR_" #name }

namespace lineament {
namespace {

constexpr size_t kMostPlans = 8;  // that are measured for one key
constexpr int64_t kMostWorkspace = 256 << 20;
constexpr int kTimedRuns = 5;
constexpr double kMostSeconds = 3;  // spent on making plans for one key: some engines are compiled for it
constexpr int64_t kX = 'x', kW = 'w', kY = 'y';  // names of the tensors in a graph

/// NHWC in memory, in the order of axes that cuDNN speaks of.
CudnnDescriptor tensor(const CudaContext& context, int64_t id, DType dtype, int64_t n, int64_t h, int64_t w,
                       int64_t c) {
  CudnnDescriptor t(context, KIND(TENSOR));
  t.set(ATTR(TENSOR_UNIQUE_ID), id);
  t.set(ATTR(TENSOR_DATA_TYPE), dtype == DType::bf16 ? CUDNN_DATA_BFLOAT16 : CUDNN_DATA_FLOAT);
  t.set(ATTR(TENSOR_DIMENSIONS), std::array{n, c, h, w});
  t.set(ATTR(TENSOR_STRIDES), std::array{h * w * c, int64_t{1}, w * c, c});
  t.set(ATTR(TENSOR_BYTE_ALIGNMENT), int64_t{16});
  return t;
}

CudnnDescriptor window(const CudaContext& context, const Convolution& f) {
  CudnnDescriptor d(context, KIND(CONVOLUTION));
  d.set(ATTR(CONVOLUTION_COMP_TYPE), CUDNN_DATA_FLOAT);
  d.set(ATTR(CONVOLUTION_CONV_MODE), CUDNN_CROSS_CORRELATION);
  d.set(ATTR(CONVOLUTION_SPATIAL_DIMS), int64_t{2});
  d.set(ATTR(CONVOLUTION_DILATIONS), std::array<int64_t, 2>{1, 1});
  d.set(ATTR(CONVOLUTION_FILTER_STRIDES), std::array{f.stride, f.stride});
  d.set(ATTR(CONVOLUTION_PRE_PADDINGS), std::array{f.pad_h, f.pad_w});
  d.set(ATTR(CONVOLUTION_POST_PADDINGS), std::array{f.pad_h, f.pad_w});
  return d;
}

CudnnDescriptor operation(const CudaContext& context, Pass pass, const CudnnDescriptor& over,
                          const CudnnDescriptor& x, const CudnnDescriptor& w, const CudnnDescriptor& y) {
  struct Names {
    CudnnKind kind;
    CudnnAttribute window, x, w, y, alpha, beta;
  };
  static constexpr Names kNames[] = {
      {KIND(OPERATION_CONVOLUTION_FORWARD), ATTR(OPERATION_CONVOLUTION_FORWARD_CONV_DESC),
       ATTR(OPERATION_CONVOLUTION_FORWARD_X), ATTR(OPERATION_CONVOLUTION_FORWARD_W),
       ATTR(OPERATION_CONVOLUTION_FORWARD_Y), ATTR(OPERATION_CONVOLUTION_FORWARD_ALPHA),
       ATTR(OPERATION_CONVOLUTION_FORWARD_BETA)},
      {KIND(OPERATION_CONVOLUTION_BACKWARD_DATA), ATTR(OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC),
       ATTR(OPERATION_CONVOLUTION_BWD_DATA_DX), ATTR(OPERATION_CONVOLUTION_BWD_DATA_W),
       ATTR(OPERATION_CONVOLUTION_BWD_DATA_DY), ATTR(OPERATION_CONVOLUTION_BWD_DATA_ALPHA),
       ATTR(OPERATION_CONVOLUTION_BWD_DATA_BETA)},
      {KIND(OPERATION_CONVOLUTION_BACKWARD_FILTER), ATTR(OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC),
       ATTR(OPERATION_CONVOLUTION_BWD_FILTER_X), ATTR(OPERATION_CONVOLUTION_BWD_FILTER_DW),
       ATTR(OPERATION_CONVOLUTION_BWD_FILTER_DY), ATTR(OPERATION_CONVOLUTION_BWD_FILTER_ALPHA),
       ATTR(OPERATION_CONVOLUTION_BWD_FILTER_BETA)},
  };
  const Names& names = kNames[static_cast<int>(pass)];
  CudnnDescriptor op(context, names.kind);
  op.set(names.window, over);
  op.set(names.x, x);
  op.set(names.w, w);
  op.set(names.y, y);
  op.set(names.alpha, 1.0f);
  op.set(names.beta, 0.0f);
  return op;
}

/// The graph of one operation; none where cuDNN refuses it as a whole.
std::optional<CudnnDescriptor> graph_of(const CudaContext& context, Pass pass, const Convolution& f) {
  CudnnDescriptor x = tensor(context, kX, f.dtype, f.n, f.h, f.w, f.c);
  CudnnDescriptor w = tensor(context, kW, f.dtype, f.o, f.kh, f.kw, f.c);
  CudnnDescriptor y = tensor(context, kY, f.dtype, f.n, f.oh, f.ow, f.o);
  CudnnDescriptor over = window(context, f);
  if (!x.finalize() || !w.finalize() || !y.finalize() || !over.finalize()) return {};
  CudnnDescriptor op = operation(context, pass, over, x, w, y);
  if (!op.finalize()) return {};
  CudnnDescriptor graph(context, KIND(OPERATIONGRAPH));
  graph.set(ATTR(OPERATIONGRAPH_HANDLE), context.cudnn);
  graph.set(ATTR(OPERATIONGRAPH_OPS), op);
  if (!graph.finalize()) return {};
  return graph;
}

/// Whether an engine computes what was asked for: sums in f32, of factors as they are unless tf32 is allowed.
bool exact_enough(const CudaContext& context, DType dtype, const CudnnDescriptor& config) {
  std::vector<CudnnDescriptor> engine;
  engine.emplace_back(context, CudnnKind KIND(ENGINE));
  if (config.get(ATTR(ENGINECFG_ENGINE), engine) != 1) return false;
  const bool whole_floats = dtype == DType::f32 && !context.tf32;
  for (const auto note : engine[0].get<cudnnBackendNumericalNote_t>(ATTR(ENGINE_NUMERICAL_NOTE),
                                                                    CUDNN_NUMERICAL_NOTE_TYPE_COUNT))
    switch (note) {
      case CUDNN_NUMERICAL_NOTE_TENSOR_CORE:
      case CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS:
        if (whole_floats) return false;
        break;
      case CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC:
        if (context.deterministic) return false;
        break;
      case CUDNN_NUMERICAL_NOTE_WINOGRAD:  // transforms pictures in their own type
        if (dtype == DType::bf16) return false;
        break;
      case CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION:
      case CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_6x6:  // the larger the tile, the larger what cancels
      case CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_13x13:
        return false;
      default:
        break;
    }
  return true;
}

/// Those that one way of choosing names, best first.
std::vector<CudnnDescriptor> configs(const CudaContext& context, const CudnnDescriptor& graph,
                                     cudnnBackendHeurMode_t mode) {
  CudnnDescriptor heuristic(context, KIND(ENGINEHEUR));
  heuristic.set(ATTR(ENGINEHEUR_OPERATION_GRAPH), graph);
  heuristic.set(ATTR(ENGINEHEUR_MODE), mode);
  std::vector<CudnnDescriptor> found;
  if (!heuristic.try_finalize()) return found;
  int64_t count = 0;
  if (cudnnBackendGetAttribute(heuristic.raw(), CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR,
                               0, &count, nullptr) != CUDNN_STATUS_SUCCESS)
    return found;
  for (int64_t i = 0; i < count; ++i) found.emplace_back(context, CudnnKind KIND(ENGINECFG));
  if (count > 0) found.erase(found.begin() + heuristic.get(ATTR(ENGINEHEUR_RESULTS), found), found.end());
  return found;
}

std::vector<CudnnPlan> plans_for(CudaContext& context, Pass pass, const Convolution& f) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  std::vector<CudnnPlan> plans;
  const std::optional<CudnnDescriptor> graph = graph_of(context, pass, f);
  if (!graph) return plans;
  struct Share {
    cudnnBackendHeurMode_t mode;
    size_t most;  // plans in the list after it: what a mode names first is what it thinks best
  };
  for (const auto [mode, most] : {Share{CUDNN_HEUR_MODE_A, 6}, {CUDNN_HEUR_MODE_FALLBACK, kMostPlans}})
    for (CudnnDescriptor& config : configs(context, *graph, mode)) {
      const bool late = std::chrono::duration<double>(Clock::now() - begin).count() > kMostSeconds;
      if (plans.size() >= (context.deterministic ? 2 : most) || (late && !plans.empty())) break;
      if (!exact_enough(context, f.dtype, config)) continue;
      CudnnDescriptor plan(context, KIND(EXECUTION_PLAN));
      plan.set(ATTR(EXECUTION_PLAN_HANDLE), context.cudnn);
      plan.set(ATTR(EXECUTION_PLAN_ENGINE_CONFIG), config);
      if (!plan.try_finalize()) continue;
      const std::vector<int64_t> bytes = plan.get<int64_t>(ATTR(EXECUTION_PLAN_WORKSPACE_SIZE), 1);
      if (bytes.size() != 1 || bytes[0] > kMostWorkspace) continue;
      plans.push_back({std::move(config), std::move(plan), static_cast<size_t>(bytes[0])});
    }
  return plans;
}

/// Device memory to measure on; empty where there is not enough.
struct Scratch {
  void* data = nullptr;
  explicit Scratch(size_t bytes) {
    if (bytes && cudaMalloc(&data, bytes) != cudaSuccess) cudaGetLastError();
  }
  ~Scratch() { cudaFree(data); }
  Scratch(const Scratch&) = delete;
};

struct Timer {
  cudaEvent_t begin = nullptr, end = nullptr;
  explicit Timer(const CudaContext& context) {
    expect(cudaEventCreate(&begin), context, "cudaEventCreate");
    expect(cudaEventCreate(&end), context, "cudaEventCreate");
  }
  ~Timer() {
    cudaEventDestroy(begin);
    cudaEventDestroy(end);
  }
  Timer(const Timer&) = delete;
};

/// Milliseconds of some runs in a CUDA graph, as in a training step: asked for one by one, short ones would take as long
/// as the host does to ask. Infinite where the plan runs, but no graph can hold it; none where it does not run after all.
std::optional<float> measure(const CudaContext& context, const CudnnPlan& plan, void* x, void* w, void* y,
                             void* workspace) {
  const auto run = [&] { return plan.run(context, x, w, y, workspace) == CUDNN_STATUS_SUCCESS; };
  if (!run()) {  // loads what it needs, too
    cudaGetLastError();
    return {};
  }
  bool all = true;
  const CudaRecording runs = record_graph(context, [&] {
    for (int i = 0; i < kTimedRuns; ++i) all = run() && all;
  });
  cudaGetLastError();
  if (!runs.graph || !all) return std::numeric_limits<float>::infinity();
  const Timer timer(context);
  runs.graph->replay();  // while it runs the host asks for the rest
  expect(cudaEventRecord(timer.begin, context.stream), context, "cudaEventRecord");
  runs.graph->replay();
  expect(cudaEventRecord(timer.end, context.stream), context, "cudaEventRecord");
  expect(cudaEventSynchronize(timer.end), context, "a convolution of cuDNN");
  float milliseconds = 0;
  expect(cudaEventElapsedTime(&milliseconds, timer.begin, timer.end), context, "cudaEventElapsedTime");
  return milliseconds;
}

/// The fastest. Where results must be the same in every run, the first: which is fastest may differ.
std::unique_ptr<CudnnPlan> best_of(CudaContext& context, const Convolution& f, std::vector<CudnnPlan> plans) {
  size_t most = 0;
  for (const CudnnPlan& plan : plans) most = std::max(most, plan.workspace_bytes);
  const size_t element = size_of(f.dtype);
  const Scratch x(f.n * f.h * f.w * f.c * element), w(f.o * f.kh * f.kw * f.c * element),
      y(f.n * f.oh * f.ow * f.o * element), workspace(most);
  const bool enough = x.data && w.data && y.data && (workspace.data || most == 0);
  CudnnPlan* best = nullptr;
  float best_time = 0;
  for (CudnnPlan& plan : plans) {
    // With memory too full to measure on, the first is taken on cuDNN's word.
    const std::optional<float> time =
        enough ? measure(context, plan, x.data, w.data, y.data, workspace.data) : 0.0f;
    if (time && (!best || *time < best_time)) best = &plan, best_time = *time;
    if (best && (context.deterministic || !enough)) break;
  }
  return best ? std::make_unique<CudnnPlan>(std::move(*best)) : nullptr;
}

using Key = std::tuple<Pass, Convolution, bool, bool>;
Key key_of(const CudaContext& context, Pass pass, const Convolution& f) {
  return {pass, f, context.tf32, context.deterministic};
}

std::map<Key, std::unique_ptr<CudnnPlan>>& known_plans() {
  static auto& plans = *new std::map<Key, std::unique_ptr<CudnnPlan>>;  // never destroyed, as the backend
  return plans;
}

}  // namespace

cudnnStatus_t CudnnPlan::run(const CudaContext& context, const void* x, const void* w, const void* y,
                             void* workspace) const {
  CudnnDescriptor pack(context, KIND(VARIANT_PACK));
  pack.set(ATTR(VARIANT_PACK_UNIQUE_IDS), std::array{kX, kW, kY});
  pack.set(ATTR(VARIANT_PACK_DATA_POINTERS),
           std::array{const_cast<void*>(x), const_cast<void*>(w), const_cast<void*>(y)});
  pack.set(ATTR(VARIANT_PACK_WORKSPACE), workspace);
  if (!pack.finalize()) return CUDNN_STATUS_NOT_SUPPORTED;
  return cudnnBackendExecute(context.cudnn, plan.raw(), pack.raw());
}

const CudnnPlan* make_cudnn_plan(CudaContext& context, Pass pass, const Convolution& convolution) {
  const Key key = key_of(context, pass, convolution);
  if (const auto known = known_plans().find(key); known != known_plans().end()) return known->second.get();
  std::unique_ptr<CudnnPlan> best = best_of(context, convolution, plans_for(context, pass, convolution));
  return (known_plans()[key] = std::move(best)).get();
}

const CudnnPlan& find_cudnn_plan(const CudaContext& context, Pass pass, const Convolution& convolution) {
  const auto found = known_plans().find(key_of(context, pass, convolution));
  check(found != known_plans().end() && found->second,
        "a convolution of cuDNN whose plan was made for other settings");
  return *found->second;
}

}  // namespace lineament
