// The fast kernels of the spatial ops at one level, all f32; what each computes stands in the op's file
// (kernels/conv2d.cpp ...). Read once a level: no guard.
#include "tensor/op.h"

namespace lineament::LINEAMENT_LEVEL {

// conv2d_tile.cpp, conv2d_dx_tile.cpp: filters of up to 64 taps.
bool conv2d_tile_supports(std::span<const Desc> descs, const Params& params);
void conv2d_tile(const Call& call);
size_t conv2d_tile_workspace(std::span<const Desc> descs, const Params& params);
size_t conv2d_tile_packed(std::span<const Desc> descs, const Params& params);
void conv2d_tile_pack(const Call& call, void* to);
void conv2d_dx_tile(const Call& call);
size_t conv2d_dx_tile_workspace(std::span<const Desc> descs, const Params& params);

// conv2d_dx_columns.cpp: for pictures of few channels.
bool conv2d_dx_columns_supports(std::span<const Desc> descs, const Params& params);
void conv2d_dx_columns(const Call& call);
size_t conv2d_dx_columns_workspace(std::span<const Desc> descs, const Params& params);

// conv2d_grey.cpp: 1x1 from one channel to a few.
bool conv2d_grey_supports(std::span<const Desc> descs, const Params& params);
void conv2d_grey(const Call& call);
void conv2d_dw_grey(const Call& call);
size_t conv2d_dw_grey_workspace(std::span<const Desc> descs, const Params& params);

// conv2d_rows_tile.cpp: for pictures of few channels.
bool conv2d_rows_tile_supports(std::span<const Desc> descs, const Params& params);
void conv2d_rows_tile(const Call& call);
size_t conv2d_rows_tile_workspace(std::span<const Desc> descs, const Params& params);

// dense_tile.cpp
void dense_tile(const Call& call);
size_t dense_tile_workspace(std::span<const Desc> descs, const Params& params);
void dense_dx_tile(const Call& call);
size_t dense_dx_tile_workspace(std::span<const Desc> descs, const Params& params);
void dense_dw_tile(const Call& call);
size_t dense_dw_tile_workspace(std::span<const Desc> descs, const Params& params);

// conv2d_winograd.cpp: 3x3 with stride 1, in tiles of 4x4 or 3x3 outputs.
bool conv2d_winograd_4x4_supports(std::span<const Desc> descs, const Params& params);
bool conv2d_winograd_3x3_supports(std::span<const Desc> descs, const Params& params);
size_t conv2d_winograd_4x4_workspace(std::span<const Desc> descs, const Params& params);
size_t conv2d_winograd_3x3_workspace(std::span<const Desc> descs, const Params& params);
size_t conv2d_winograd_4x4_packed(std::span<const Desc> descs, const Params& params);
size_t conv2d_winograd_3x3_packed(std::span<const Desc> descs, const Params& params);
void conv2d_winograd_4x4_pack(const Call& call, void* to);
void conv2d_winograd_3x3_pack(const Call& call, void* to);
void conv2d_winograd_4x4(const Call& call);
void conv2d_winograd_3x3(const Call& call);
void conv2d_dx_winograd_4x4(const Call& call);
void conv2d_dx_winograd_3x3(const Call& call);

// conv2d_dw_winograd.cpp: their weight gradient.
bool conv2d_dw_winograd_4x4_supports(std::span<const Desc> descs, const Params& params);
bool conv2d_dw_winograd_3x3_supports(std::span<const Desc> descs, const Params& params);
size_t conv2d_dw_winograd_4x4_workspace(std::span<const Desc> descs, const Params& params);
size_t conv2d_dw_winograd_3x3_workspace(std::span<const Desc> descs, const Params& params);
void conv2d_dw_winograd_4x4(const Call& call);
void conv2d_dw_winograd_3x3(const Call& call);

// conv2d_dw_tile.cpp
void conv2d_dw_tile(const Call& call);
size_t conv2d_dw_tile_workspace(std::span<const Desc> descs, const Params& params);

// conv2d_direct.cpp: for pictures of few channels.
void conv2d_direct(const Call& call);
bool conv2d_direct_supports(std::span<const Desc> descs, const Params& params);
size_t conv2d_direct_workspace(std::span<const Desc> descs, const Params& params);

// depthwise_conv2d_tiles.cpp, depthwise_conv2d_dw_tiles.cpp: for 3x3 and 5x5 taps with strides 1 and 2.
void depthwise_conv2d_tiles(const Call& call);
void depthwise_conv2d_dx_tiles(const Call& call);
void depthwise_conv2d_dw_tiles(const Call& call);
bool depthwise_conv2d_tiles_supports(std::span<const Desc> descs, const Params& params);
size_t depthwise_conv2d_dw_tiles_workspace(std::span<const Desc> descs, const Params& params);

// depthwise_conv2d.cpp: for any.
void depthwise_conv2d_direct(const Call& call);
void depthwise_conv2d_dx_direct(const Call& call);
void depthwise_conv2d_dw_direct(const Call& call);
size_t depthwise_conv2d_dw_workspace(std::span<const Desc> descs, const Params& params);

// channel_sum.cpp
void channel_sum_vector(const Call& call);
size_t channel_sum_workspace(std::span<const Desc> descs, const Params& params);

// pad.cpp
void zero_pad_rows(const Call& call);
void zero_pad_dx_rows(const Call& call);

// soft_argmax.cpp
void soft_argmax_vector(const Call& call);
void soft_argmax_dx_vector(const Call& call);

// upsample.cpp
void upsample_vector(const Call& call);
void upsample_dx_vector(const Call& call);

// pool.cpp
void max_pool_vector(const Call& call);
void max_pool_dx_vector(const Call& call);
void average_pool_vector(const Call& call);
void average_pool_dx_vector(const Call& call);
void global_average_pool_vector(const Call& call);
void global_average_pool_dx_vector(const Call& call);

}  // namespace lineament::LINEAMENT_LEVEL
