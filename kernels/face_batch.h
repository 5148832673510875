// A batch of examples out of a set of faces that lies where the network is trained.
#pragma once
#include "data/augment/draws.h"
#include "tensor/op.h"

namespace lineament {

struct FaceBatchParams {
  AugmentOptions draws;
  bool fresh = false;  // faces are drawn anew; else they are taken as they are
};
// pixels u8 [rows,96,96], keypoints in px, NaN where missing [rows,30], order u64 [batch]: the rows that are wanted,
// key u64 [2]: {seed, epoch} -> images [batch,96,96,1], keypoints in half pictures [batch,30], mask [batch,30] (data/augment/example.h)
extern const Op face_batch_op;

}  // namespace lineament
