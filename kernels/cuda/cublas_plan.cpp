// cuBLAS reads columns where rows lie: each matrix is seen transposed, and (a b)^T = b^T a^T.
#include "kernels/cuda/cublas_plan.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "base/check.h"
#include "kernels/cuda/errors.h"
#include "kernels/cuda/measure.h"
#include "tensor/plan.h"

namespace lineament {
namespace {

constexpr int kMostAlgorithms = 6;  // that are measured for one key: of what follows, little is faster
constexpr uint64_t kMostWorkspace = 32 << 20;

cudaDataType_t type_of(DType dtype) { return dtype == DType::bf16 ? CUDA_R_16BF : CUDA_R_32F; }
cublasOperation_t operation_of(bool transposed) { return transposed ? CUBLAS_OP_T : CUBLAS_OP_N; }

/// A product in cuBLAS's words. It has factors a and b the other way round.
struct Description {
  cublasLtMatmulDescOpaque_t operation;
  cublasLtMatrixLayoutOpaque_t a, b, d;

  Description(const CudaContext& context, const Product& p, cublasComputeType_t compute, const void* bias) {
    expect(cublasLtMatmulDescInit(&operation, compute, CUDA_R_32F), context, "cublasLtMatmulDescInit");
    set(context, CUBLASLT_MATMUL_DESC_TRANSA, operation_of(p.b_transposed));
    set(context, CUBLASLT_MATMUL_DESC_TRANSB, operation_of(p.a_transposed));
    if (p.bias) {
      set(context, CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_BIAS);
      set(context, CUBLASLT_MATMUL_DESC_BIAS_POINTER, bias);
    }
    lay(context, a, p.factors, p.rows, p.inner, p.a_transposed);
    lay(context, b, p.factors, p.inner, p.columns, p.b_transposed);
    lay(context, d, p.product, p.rows, p.columns, false);
  }

 private:
  template <class T>
  void set(const CudaContext& context, cublasLtMatmulDescAttributes_t attribute, const T& value) {
    expect(cublasLtMatmulDescSetAttribute(&operation, attribute, &value, sizeof value), context,
           "cublasLtMatmulDescSetAttribute");
  }
  static void lay(const CudaContext& context, cublasLtMatrixLayoutOpaque_t& layout, DType dtype, int64_t rows,
                  int64_t columns, bool transposed) {
    if (transposed) std::swap(rows, columns);
    expect(cublasLtMatrixLayoutInit(&layout, type_of(dtype), static_cast<uint64_t>(columns),
                                    static_cast<uint64_t>(rows), columns),
           context, "cublasLtMatrixLayoutInit");
  }
};

/// What an algorithm must keep to: the memory that programs have, and sums that stay f32 where they are taken in parts.
struct Preference {
  cublasLtMatmulPreferenceOpaque_t raw;

  Preference(const CudaContext& context, const Product& product) {
    expect(cublasLtMatmulPreferenceInit(&raw), context, "cublasLtMatmulPreferenceInit");
    set(context, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, kMostWorkspace);
    // Of parts that are added apart from the product, all are f32. Where d is f32 it may hold them, too.
    const bool in_place = product.product == DType::f32 && !product.numerics.deterministic;
    set(context, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
        uint32_t{CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE} |
            (in_place ? uint32_t{CUBLASLT_REDUCTION_SCHEME_INPLACE} : 0));
    for (const auto matrix : {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
                              CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES})
      set(context, matrix, uint32_t{kAlignment});
  }

 private:
  template <class T>
  void set(const CudaContext& context, cublasLtMatmulPreferenceAttributes_t attribute, const T& value) {
    expect(cublasLtMatmulPreferenceSetAttribute(&raw, attribute, &value, sizeof value), context,
           "cublasLtMatmulPreferenceSetAttribute");
  }
};

/// What cuBLAS's heuristic names, best first.
std::vector<CublasPlan> plans_for(const CudaContext& context, const Product& product) {
  const bool tf32 = product.numerics.tf32 && product.factors == DType::f32;
  const cublasComputeType_t compute = tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
  const void* aligned = reinterpret_cast<const void*>(kAlignment);  // of a bias, of which nothing else is asked here
  Description words(context, product, compute, aligned);
  Preference preference(context, product);
  std::array<cublasLtMatmulHeuristicResult_t, kMostAlgorithms> found = {};
  int count = 0;
  const cublasStatus_t status =
      cublasLtMatmulAlgoGetHeuristic(context.cublas_lt, &words.operation, &words.b, &words.a, &words.d, &words.d,
                                     &preference.raw, kMostAlgorithms, found.data(), &count);
  std::vector<CublasPlan> plans;
  if (status == CUBLAS_STATUS_NOT_SUPPORTED) return plans;
  expect(status, context, "cublasLtMatmulAlgoGetHeuristic");
  for (int i = 0; i < count; ++i)
    if (found[i].state == CUBLAS_STATUS_SUCCESS)
      plans.push_back({product, compute, found[i].algo, found[i].workspaceSize});
  return plans;
}

/// The fastest; where results must be the same in every run, the first. On one kind of device, and with a workspace
/// that no other stream uses, cuBLAS promises the same bits in every run of one version.
std::unique_ptr<CublasPlan> best_of(const CudaContext& context, const Product& p, std::span<const CublasPlan> plans) {
  if (plans.empty()) return nullptr;
  size_t most = 0;
  for (const CublasPlan& plan : plans) most = std::max(most, plan.workspace_bytes);
  const auto bytes = [](int64_t elements, DType dtype) { return static_cast<size_t>(elements) * size_of(dtype); };
  const Scratch a(bytes(p.rows * p.inner, p.factors)), b(bytes(p.inner * p.columns, p.factors)),
      bias(bytes(p.bias ? p.columns : 0, p.product)), d(bytes(p.rows * p.columns, p.product)), workspace(most);
  for (const Scratch* each : {&a, &b, &bias, &d, &workspace})
    if (!each->enough()) return std::make_unique<CublasPlan>(plans[0]);  // on cuBLAS's word
  std::vector<Way> ways;
  for (const CublasPlan& plan : plans)
    ways.push_back({[&] {
      return plan.run(context, a.data(), b.data(), bias.data(), d.data(), workspace.data()) == CUBLAS_STATUS_SUCCESS;
    }});
  const std::optional<size_t> best = fastest(context, ways, p.numerics.deterministic);
  return best ? std::make_unique<CublasPlan>(plans[*best]) : nullptr;
}

std::map<Product, std::unique_ptr<CublasPlan>>& known_plans() {
  static auto& plans = *new std::map<Product, std::unique_ptr<CublasPlan>>;  // never destroyed, as the backend
  return plans;
}

}  // namespace

cublasStatus_t CublasPlan::run(const CudaContext& context, const void* a, const void* b, const void* bias, void* d,
                               void* workspace) const {
  Description words(context, product, compute, bias);
  const float one = 1, zero = 0;
  return cublasLtMatmul(context.cublas_lt, &words.operation, &one, b, &words.b, a, &words.a, &zero, d, &words.d, d,
                        &words.d, &algorithm, workspace, workspace_bytes, context.stream);
}

const CublasPlan* make_cublas_plan(const CudaContext& context, const Product& product) {
  if (const auto known = known_plans().find(product); known != known_plans().end()) return known->second.get();
  std::unique_ptr<CublasPlan> best = best_of(context, product, plans_for(context, product));
  return (known_plans()[product] = std::move(best)).get();
}

const CublasPlan& find_cublas_plan(const Product& product) {
  const auto found = known_plans().find(product);
  check(found != known_plans().end() && found->second, "a product of cuBLAS whose plan was made for other settings");
  return *found->second;
}

}  // namespace lineament
