// A batch of examples out of a set of faces that lies where the network is trained.
#pragma once
#include "data/augment/draws.h"
#include "tensor/op.h"

namespace lineament {

struct FaceBatchParams {
  AugmentOptions draws;
  PictureShape shape;
  bool fresh = false;  // faces are drawn anew; else they are taken as they are
};
// pixels u8 [rows,h,w,c], keypoints in px, NaN where missing [rows,2 points], order u64 [batch]: the examples that are wanted, each of row
// order mod rows, drawn by its whole number,
// key u64 [2]: {seed, epoch}, mirror u64 [points] of the keypoint set -> images [batch,h,w,c], keypoints in halves of the longer
// side [batch,2 points], mask [batch,2 points] (data/augment/example.h), across [batch,h,w,c]: room to work in
extern const Op face_batch_op;

}  // namespace lineament
