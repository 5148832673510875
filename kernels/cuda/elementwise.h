// The CUDA kernels of the elementwise and normalisation ops; empty lists where CUDA is not built.
#pragma once
#include "tensor/op.h"

namespace lineament {

extern const Kernel activate_cuda[], activate_grad_cuda[];
extern const Kernel add_cuda[];
extern const Kernel affine_cuda[], affine_grad_cuda[];
extern const Kernel batch_norm_train_cuda[], batch_norm_infer_cuda[], batch_norm_grad_cuda[];
extern const Kernel cast_cuda[];
extern const Kernel cross_entropy_cuda[], cross_entropy_grad_cuda[];
extern const Kernel dropout_cuda[];
extern const Kernel face_batch_cuda[];
extern const Kernel fold_cuda[];
extern const Kernel mean_squared_error_cuda[], mean_squared_error_grad_cuda[];
extern const Kernel multiply_cuda[], multiply_reduce_cuda[];
extern const Kernel note_loss_cuda[];
extern const Kernel reshape_cuda[];
extern const Kernel softmax_cuda[], softmax_grad_cuda[];
extern const Kernel adam_update_cuda[], sgd_update_cuda[], rmsprop_update_cuda[];
extern const Kernel weight_average_cuda[];

}  // namespace lineament
