// Every op by name, once: what goes in -> what comes out; its Params. From here come the ops' declarations, those and
// the empty lists of kernels/cuda, and what tests ask of all of them.
#pragma once
#include "tensor/op.h"

// X(name) for each op name##_op whose CUDA kernels are name##_cuda[].
//
// Of batch norms, vectors are [c]. The new running statistics may be written in the place of the old.
#define LINEAMENT_ELEMENTWISE_OPS(X)                                                                                   \
  X(activate)                /* x -> y; ActivationParams */                                                            \
  X(activate_grad)           /* y or x (reads_output in kernels/formulas.h says which), dy -> dx; ActivationParams */  \
  X(add)                     /* a b -> y */                                                                            \
  X(affine)                  /* x -> y; Affine */                                                                      \
  X(affine_grad)             /* dy -> dx; AffineGradParams */                                                          \
  X(batch_norm_train)        /* x gamma beta running_mean running_variance [residual] [bias] ->                        \
                                y mean inv_std running_mean running_variance; BatchNormParams */                       \
  X(batch_norm_infer)        /* x gamma beta running_mean running_variance [residual] -> y; BatchNormParams */         \
  X(batch_norm_grad)         /* x gamma mean inv_std (or the running variance) dy                                      \
                                [y, or beta] [more, or spread] [gate] ->                                               \
                                dx dgamma dbeta [dresidual]; BatchNormGradParams */                                    \
  X(fold)                    /* gamma beta mean variance [bias] -> shift scale: a norm as a finish; FoldParams */      \
  X(multiply)                /* x a -> y */                                                                            \
  X(multiply_reduce)         /* dy x a -> da, of a's shape; a itself is not read */                                    \
  X(softmax)                 /* x -> y */                                                                              \
  X(softmax_grad)            /* y dy -> dx */                                                                          \
  X(dropout)                 /* x rng -> y; and dy rng -> dx; DropoutParams */                                         \
  X(reshape)                 /* x -> y; ReshapeParams */                                                               \
  X(cast)                    /* x f32 -> y bf16, or bf16 -> f32; emitted by tensor/precision alone */                  \
  X(mean_squared_error)      /* prediction target mask -> loss count */                                                \
  X(mean_squared_error_grad) /* prediction target mask count [dloss] -> dprediction */                                 \
  X(point_loss)              /* prediction target mask -> loss count; PointLoss */                                     \
  X(point_loss_grad)         /* prediction target mask count [dloss] -> dprediction; PointLoss */                      \
  X(likelihood_loss)         /* prediction log_deviation target mask -> loss count; LikelihoodLoss */                  \
  X(likelihood_loss_grad)    /* prediction log_deviation target mask count [dloss] -> dprediction dlog_deviation;      \
                                LikelihoodLoss */                                                                      \
  X(cross_entropy)           /* prediction target mask -> loss count */                                                \
  X(cross_entropy_grad)      /* prediction target mask count [dloss] -> dprediction */                                 \
  X(adam_update) X(sgd_update) X(rmsprop_update) X(weight_average) X(note_loss) /* kernels/ops.h */                    \
  X(face_batch)              /* kernels/face_batch.h */

// Of convolutions forward, as inputs after w, each with all before it: bias [o], scale [o], residual as y (finish.h).
#define LINEAMENT_SPATIAL_OPS(X)                                                                                       \
  X(conv2d)                 /* x [n,h,w,c] w [kh,kw,c,o] ... -> y [n,oh,ow,o]; Window */                               \
  X(conv2d_dx)              /* dy w -> dx; Window */                                                                   \
  X(conv2d_dw)              /* x dy -> dw; Window */                                                                   \
  X(depthwise_conv2d)       /* x [n,h,w,c] w [kh,kw,c,1] ... -> y [n,oh,ow,c]; Window */                               \
  X(depthwise_conv2d_dx)    /* dy w -> dx; Window */                                                                   \
  X(depthwise_conv2d_dw)    /* x dy -> dw; Window */                                                                   \
  X(dense)                  /* x [n,i] w [i,o] bias [o] or none -> y [n,o] */                                          \
  X(dense_dx)               /* dy w -> dx */                                                                           \
  X(dense_dw)               /* x dy -> dw */                                                                           \
  X(channel_sum)            /* dy [...,c] -> db [c]: the gradient of a bias */                                         \
  X(zero_pad)               /* x [n,h,w,c] -> y; Margins */                                                            \
  X(zero_pad_dx)            /* dy -> dx; Margins */                                                                    \
  X(upsample)               /* x [n,h,w,c] -> y [n,2h,2w,c] */                                                         \
  X(upsample_dx)            /* dy -> dx */                                                                             \
  X(soft_argmax)            /* x [n,h,w,c] -> y [n,2c], peak [n,2c]; MapGrid */                                        \
  X(soft_argmax_dx)         /* x y peak dy -> dx; MapGrid */                                                           \
  X(max_pool)               /* x -> y, argmax u8: the winning tap i kw + j; Window */                                  \
  X(max_pool_dx)            /* dy argmax -> dx; Window */                                                              \
  X(average_pool)           /* x -> y; Window */                                                                       \
  X(average_pool_dx)        /* dy -> dx; Window */                                                                     \
  X(global_average_pool)    /* x [n,h,w,c] -> y [n,c] or [n,1,1,c]; MeanOver */                                        \
  X(global_average_pool_dx) /* dy -> dx; MeanOver */

namespace lineament {

#define LINEAMENT_DECLARE(name) extern const Op name##_op;
LINEAMENT_ELEMENTWISE_OPS(LINEAMENT_DECLARE)
LINEAMENT_SPATIAL_OPS(LINEAMENT_DECLARE)
#undef LINEAMENT_DECLARE

}  // namespace lineament
