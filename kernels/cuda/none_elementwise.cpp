// Built without CUDA: no kernels.
#include "kernels/cuda/elementwise.h"

namespace lineament {

const Kernel activate_cuda[] = {{}}, activate_grad_cuda[] = {{}};
const Kernel add_cuda[] = {{}};
const Kernel affine_cuda[] = {{}}, affine_grad_cuda[] = {{}};
const Kernel batch_norm_train_cuda[] = {{}}, batch_norm_infer_cuda[] = {{}}, batch_norm_grad_cuda[] = {{}};
const Kernel cast_cuda[] = {{}};
const Kernel cross_entropy_cuda[] = {{}}, cross_entropy_grad_cuda[] = {{}};
const Kernel dropout_cuda[] = {{}};
const Kernel face_batch_cuda[] = {{}};
const Kernel fold_cuda[] = {{}};
const Kernel mean_squared_error_cuda[] = {{}}, mean_squared_error_grad_cuda[] = {{}};
const Kernel multiply_cuda[] = {{}}, multiply_reduce_cuda[] = {{}};
const Kernel note_loss_cuda[] = {{}};
const Kernel reshape_cuda[] = {{}};
const Kernel softmax_cuda[] = {{}}, softmax_grad_cuda[] = {{}};
const Kernel adam_update_cuda[] = {{}}, sgd_update_cuda[] = {{}}, rmsprop_update_cuda[] = {{}};
const Kernel weight_average_cuda[] = {{}};

}  // namespace lineament
