#include "kernels/cuda/cudnn_plan.h"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "kernels/cuda/measure.h"

#define KIND(name) \
  { CUDNN_BACKEND_##name##_DESCRIPTOR, #name }
#define ATTR(name) \
  { CUDNN_ATTR_##name, "CUDNN_ATTR_" #name }

namespace lineament {
namespace {

constexpr int64_t kMostWorkspace = 256 << 20;
constexpr int64_t kX = 'x', kW = 'w', kY = 'y', kSums = 's';  // names of the tensors in a graph

/// How many plans are made of a graph, and measured: of engines that cuDNN's heuristic names, then of its fallbacks.
/// Some are compiled for it; the larger numbers hold while that takes next to no time.
struct Share {
  size_t named, others;
  size_t named_if_fast, all_if_fast;
};
constexpr Share kOfConvolution{6, 2, 10, 14}, kOfWideFilter{1, 0, 4, 4}, kWhereFirstIsTaken{2, 0, 2, 2};
constexpr double kMostSeconds = 3, kFastSeconds = 0.3;
/// Of a filter's gradient in bf16: what takes so little longer in f32 is worth having without a rounding.
constexpr float kNarrowHandicap = 1.03f;

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

/// y = x, of another type.
CudnnDescriptor conversion(const CudaContext& context, const CudnnDescriptor& x, const CudnnDescriptor& y) {
  CudnnDescriptor identity(context, KIND(POINTWISE));
  identity.set(ATTR(POINTWISE_MODE), CUDNN_POINTWISE_IDENTITY);
  identity.set(ATTR(POINTWISE_MATH_PREC), CUDNN_DATA_FLOAT);
  CudnnDescriptor op(context, KIND(OPERATION_POINTWISE));
  if (!identity.finalize()) return op;  // not finished, it is refused, too
  op.set(ATTR(OPERATION_POINTWISE_PW_DESCRIPTOR), identity);
  op.set(ATTR(OPERATION_POINTWISE_XDESC), x);
  op.set(ATTR(OPERATION_POINTWISE_YDESC), y);
  return op;
}

/// The graph of a convolution; none where cuDNN refuses it as a whole. A filter's gradient wider than x goes through a
/// tensor that is in no memory: of a convolution alone cuDNN has it in x's type only.
std::optional<CudnnDescriptor> graph_of(const CudaContext& context, Pass pass, const Convolution& f, DType filter) {
  const bool wide = filter != f.dtype;
  CudnnDescriptor x = tensor(context, kX, f.dtype, f.n, f.h, f.w, f.c);
  CudnnDescriptor w = tensor(context, kW, filter, f.o, f.kh, f.kw, f.c);
  CudnnDescriptor y = tensor(context, kY, f.dtype, f.n, f.oh, f.ow, f.o);
  CudnnDescriptor sums = tensor(context, kSums, filter, f.o, f.kh, f.kw, f.c);
  sums.set(ATTR(TENSOR_IS_VIRTUAL), true);
  CudnnDescriptor over = window(context, f);
  if (!x.finalize() || !w.finalize() || !y.finalize() || !sums.finalize() || !over.finalize()) return {};
  std::vector<CudnnDescriptor> operations;
  operations.push_back(operation(context, pass, over, x, wide ? sums : w, y));
  if (!operations.back().finalize()) return {};
  if (wide) {
    operations.push_back(conversion(context, sums, w));
    if (!operations.back().finalize()) return {};
  }
  CudnnDescriptor graph(context, KIND(OPERATIONGRAPH));
  graph.set(ATTR(OPERATIONGRAPH_HANDLE), context.cudnn);
  graph.set(ATTR(OPERATIONGRAPH_OPS), operations);
  if (!graph.finalize()) return {};
  return graph;
}

/// Whether an engine computes what was asked for: sums in f32, of factors as they are unless tf32 is allowed.
bool exact_enough(const CudaContext& context, DType dtype, Numerics numerics, const CudnnDescriptor& config) {
  std::vector<CudnnDescriptor> engine;
  engine.emplace_back(context, CudnnKind KIND(ENGINE));
  if (config.get(ATTR(ENGINECFG_ENGINE), engine) != 1) return false;
  const bool whole_floats = dtype == DType::f32 && !numerics.tf32;
  for (const auto note : engine[0].get<cudnnBackendNumericalNote_t>(ATTR(ENGINE_NUMERICAL_NOTE),
                                                                    CUDNN_NUMERICAL_NOTE_TYPE_COUNT))
    switch (note) {
      case CUDNN_NUMERICAL_NOTE_TENSOR_CORE:
      case CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS:
        if (whole_floats) return false;
        break;
      case CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC:
        if (numerics.deterministic) return false;
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

/// Adds to `plans`.
void make_plans(const CudaContext& context, Pass pass, const Convolution& f, DType filter, const Share& share,
                std::vector<CudnnPlan>& plans) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  const std::optional<CudnnDescriptor> graph = graph_of(context, pass, f, filter);
  if (!graph) return;
  size_t made = 0;
  const auto make = [&](cudnnBackendHeurMode_t mode, size_t most, size_t most_if_fast) {
    for (CudnnDescriptor& config : configs(context, *graph, mode)) {
      const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
      if (made >= most_if_fast || (!plans.empty() && seconds > (made < most ? kMostSeconds : kFastSeconds))) break;
      if (!exact_enough(context, f.dtype, f.numerics, config)) continue;
      CudnnDescriptor plan(context, KIND(EXECUTION_PLAN));
      plan.set(ATTR(EXECUTION_PLAN_HANDLE), context.cudnn);
      plan.set(ATTR(EXECUTION_PLAN_ENGINE_CONFIG), config);
      if (!plan.try_finalize()) continue;
      const std::vector<int64_t> bytes = plan.get<int64_t>(ATTR(EXECUTION_PLAN_WORKSPACE_SIZE), 1);
      if (bytes.size() != 1 || bytes[0] > kMostWorkspace) continue;
      plans.push_back({std::move(config), std::move(plan), static_cast<size_t>(bytes[0]), filter});
      ++made;
    }
  };
  make(CUDNN_HEUR_MODE_A, share.named, share.named_if_fast);
  make(CUDNN_HEUR_MODE_FALLBACK, std::max(made, share.named) + share.others, share.all_if_fast);
}

/// Best first, as cuDNN has it.
std::vector<CudnnPlan> plans_for(const CudaContext& context, Pass pass, const Convolution& f) {
  std::vector<CudnnPlan> plans;
  make_plans(context, pass, f, f.dtype, f.numerics.deterministic ? kWhereFirstIsTaken : kOfConvolution, plans);
  if (pass == Pass::dw && f.dtype == DType::bf16 && !f.numerics.deterministic)
    make_plans(context, pass, f, DType::f32, kOfWideFilter, plans);
  return plans;
}

/// The fastest. Where results must be the same in every run the first.
std::unique_ptr<CudnnPlan> best_of(const CudaContext& context, Pass pass, const Convolution& f,
                                   std::vector<CudnnPlan> plans) {
  if (plans.empty()) return nullptr;
  size_t most = 0;
  for (const CudnnPlan& plan : plans) most = std::max(most, plan.workspace_bytes);
  const size_t element = size_of(f.dtype);
  const Scratch x(f.n * f.h * f.w * f.c * element), w(f.o * f.kh * f.kw * f.c * sizeof(float)),
      y(f.n * f.oh * f.ow * f.o * element), workspace(most);
  for (const Scratch* each : {&x, &w, &y, &workspace})
    if (!each->enough()) return std::make_unique<CudnnPlan>(std::move(plans[0]));  // on cuDNN's word
  std::vector<Way> ways;
  for (const CudnnPlan& plan : plans)
    ways.push_back({[&] {
                      return plan.run(context, x.data(), w.data(), y.data(), workspace.data()) == CUDNN_STATUS_SUCCESS;
                    },
                    pass == Pass::dw && plan.filter == DType::bf16 ? kNarrowHandicap : 1});
  const std::optional<size_t> best = fastest(context, ways, f.numerics.deterministic);
  return best ? std::make_unique<CudnnPlan>(std::move(plans[*best])) : nullptr;
}

using Key = std::pair<Pass, Convolution>;

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

const CudnnPlan* make_cudnn_plan(const CudaContext& context, Pass pass, const Convolution& convolution) {
  const Key key{pass, convolution};
  if (const auto known = known_plans().find(key); known != known_plans().end()) return known->second.get();
  std::unique_ptr<CudnnPlan> best = best_of(context, pass, convolution, plans_for(context, pass, convolution));
  return (known_plans()[key] = std::move(best)).get();
}

const CudnnPlan& find_cudnn_plan(Pass pass, const Convolution& convolution) {
  const auto found = known_plans().find({pass, convolution});
  check(found != known_plans().end() && found->second,
        "a convolution of cuDNN whose plan was made for other settings");
  return *found->second;
}

}  // namespace lineament
