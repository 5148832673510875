// Our own convolutions and dense layers on the device (conv2d_tile.cu): any shape, no library.
#pragma once
#include "tensor/op.h"

namespace lineament {

void conv2d_plain(const Call& call);
void conv2d_dx_plain(const Call& call);
void conv2d_dw_plain(const Call& call);
size_t conv2d_dw_plain_workspace(std::span<const Desc> descs, const Params& params);
void dense_plain(const Call& call);
void dense_dx_plain(const Call& call);
void dense_dw_plain(const Call& call);
size_t dense_dw_plain_workspace(std::span<const Desc> descs, const Params& params);

}  // namespace lineament
