// Every op by name, once: from here come the declarations and empty lists of kernels/cuda, and what tests ask of all of them.
#pragma once

/// X(name) for each op name##_op whose CUDA kernels are name##_cuda[].
#define LINEAMENT_ELEMENTWISE_OPS(X)                                                                \
  X(activate) X(activate_grad) X(add) X(affine) X(affine_grad)                                      \
  X(batch_norm_train) X(batch_norm_infer) X(batch_norm_grad) X(fold)                                \
  X(multiply) X(multiply_reduce) X(softmax) X(softmax_grad) X(dropout) X(reshape) X(cast)           \
  X(mean_squared_error) X(mean_squared_error_grad) X(cross_entropy) X(cross_entropy_grad)           \
  X(adam_update) X(sgd_update) X(rmsprop_update) X(weight_average) X(note_loss) X(face_batch)

#define LINEAMENT_SPATIAL_OPS(X)                                                                    \
  X(conv2d) X(conv2d_dx) X(conv2d_dw)                                                               \
  X(depthwise_conv2d) X(depthwise_conv2d_dx) X(depthwise_conv2d_dw)                                 \
  X(dense) X(dense_dx) X(dense_dw) X(channel_sum)                                                   \
  X(zero_pad) X(zero_pad_dx) X(max_pool) X(max_pool_dx) X(average_pool) X(average_pool_dx)          \
  X(global_average_pool) X(global_average_pool_dx)
