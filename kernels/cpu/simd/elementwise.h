// The fast kernels of the elementwise and normalisation ops at one level; their formulas stand in kernels/formulas.h.
// Read once a level: no guard.
#include "tensor/op.h"

namespace lineament::LINEAMENT_LEVEL {

// elementwise.cpp
void activate_simd(const Call& call);
void activate_grad_simd(const Call& call);
void add_simd(const Call& call);
void affine_simd(const Call& call);
void affine_grad_simd(const Call& call);

// multiply.cpp
void multiply_simd(const Call& call);
void multiply_reduce_simd(const Call& call);

// dropout.cpp
void dropout_simd(const Call& call);
void drop_path_simd(const Call& call);
bool dropout_singly(std::span<const Desc> descs, const Params& params);
bool dropout_grouped(std::span<const Desc> descs, const Params& params);

// batch_norm.cpp
void batch_norm_train_simd(const Call& call);
void batch_norm_infer_simd(const Call& call);
void batch_norm_grad_simd(const Call& call);
size_t batch_norm_train_workspace(std::span<const Desc> descs, const Params& params);
size_t batch_norm_infer_workspace(std::span<const Desc> descs, const Params& params);
size_t batch_norm_grad_workspace(std::span<const Desc> descs, const Params& params);

// mean_squared_error.cpp
void mean_squared_error_simd(const Call& call);
void mean_squared_error_grad_simd(const Call& call);
size_t mean_squared_error_workspace(std::span<const Desc> descs, const Params& params);

// optimizer_updates.cpp
void adam_update_simd(const Call& call);
void sgd_update_simd(const Call& call);
void rmsprop_update_simd(const Call& call);
void weight_average_simd(const Call& call);

}  // namespace lineament::LINEAMENT_LEVEL
