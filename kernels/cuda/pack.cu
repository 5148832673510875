#include "kernels/cuda/pack.h"

#include <algorithm>

#include "kernels/cuda/launch.h"
#include "kernels/padding.h"

namespace lineament {
namespace {

/// Channels by channels through shared memory: both sides walk along their rows.
constexpr int kTile = 32, kRows = 8;

dim3 tiles(const PackedFilter& f, int taps) {
  return {blocks_for(f.c, kTile), blocks_for(f.o, kTile), static_cast<unsigned>(taps)};
}

struct Job {
  PackedFilter filter;
  const float* w;
  void* packed;
  unsigned first_block;
};
/// Travels with the launch: 4 KB is what one may bring.
struct Table {
  static constexpr int kMost = 64;
  Job jobs[kMost];
  int count = 0;
};
static_assert(sizeof(Table) <= 4096);

template <class T>
__global__ void pack_kernel(Table table) {
  after_previous_kernel();
  __shared__ float tile[kTile][kTile + 1];
  int first = 0;
  for (int end = table.count; end - first > 1;) {
    const int middle = (first + end) / 2;
    (blockIdx.x < table.jobs[middle].first_block ? end : first) = middle;
  }
  const Job& job = table.jobs[first];
  const PackedFilter& f = job.filter;
  const int c_tiles = (f.c + kTile - 1) / kTile, o_tiles = (f.o + kTile - 1) / kTile;
  const int block = static_cast<int>(blockIdx.x - job.first_block);
  const int tap = block / (c_tiles * o_tiles), c0 = block % c_tiles * kTile, o0 = block / c_tiles % o_tiles * kTile;
  const int i = tap / f.kw_all - f.top, j = tap % f.kw_all - f.left;
  const bool ours = i >= 0 && i < f.kh && j >= 0 && j < f.kw;
  const int x = static_cast<int>(threadIdx.x), y = static_cast<int>(threadIdx.y);
  for (int r = y; r < kTile; r += kRows) {
    const int c = c0 + r, o = o0 + x;
    tile[r][x] = ours && c < f.c && o < f.o ? job.w[(int64_t{i * f.kw + j} * f.c + c) * f.o + o] : 0.0f;
  }
  __syncthreads();
  T* packed = static_cast<T*>(job.packed);
  for (int r = y; r < kTile; r += kRows) {
    const int c = c0 + x, o = o0 + r;
    if (c < f.c && o < f.o) packed[(int64_t{o} * f.kh_all * f.kw_all + tap) * f.c + c] = T(tile[x][r]);
  }
}

/// All calls of one type.
template <class T>
void pack_of(std::span<const PackCall> calls) {
  Table table;
  unsigned blocks = 0;
  const auto flush = [&] {
    if (table.count > 0) launch(pack_kernel<T>, blocks, dim3{kTile, kRows}, calls[0].call, table);
    table.count = 0;
    blocks = 0;
  };
  for (const PackCall& each : calls) {
    const Call& call = each.call;
    if (call.in[0].desc.dtype != dtype_of<T>) continue;
    const PackedFilter f = packed_filter(call.in[1].desc, call.params);
    table.jobs[table.count++] = {f, call.in[1].as<float>(), each.to, blocks};
    const dim3 needed = tiles(f, f.kh_all * f.kw_all);
    blocks += needed.x * needed.y * needed.z;
    if (table.count == Table::kMost) flush();
  }
  flush();
}

template <class T>
__global__ void unpack_kernel(PackedFilter f, const T* __restrict__ packed, float* __restrict__ w) {
  after_previous_kernel();
  __shared__ float tile[kTile][kTile + 1];
  const int tap = static_cast<int>(blockIdx.z);
  const int there = (tap / f.kw + f.top) * f.kw_all + tap % f.kw + f.left;
  const int c0 = static_cast<int>(blockIdx.x) * kTile, o0 = static_cast<int>(blockIdx.y) * kTile;
  const int x = static_cast<int>(threadIdx.x), y = static_cast<int>(threadIdx.y);
  for (int r = y; r < kTile; r += kRows) {
    const int c = c0 + x, o = o0 + r;
    tile[r][x] =
        c < f.c && o < f.o ? float(packed[(int64_t{o} * f.kh_all * f.kw_all + there) * f.c + c]) : 0.0f;
  }
  __syncthreads();
  for (int r = y; r < kTile; r += kRows) {
    const int c = c0 + r, o = o0 + x;
    if (c < f.c && o < f.o) w[(int64_t{tap} * f.c + c) * f.o + o] = tile[x][r];
  }
}

}  // namespace

PackedFilter packed_filter(const Desc& w, const Params& params) {
  const auto size = [&](int axis) { return static_cast<int>(w.shape[axis]); };
  if (w.shape.rank() == 2) return {1, 1, size(0), size(1), 1, 1, 0, 0};
  const auto& f = params.as<Window>();
  const EvenPadding h(f.top, f.bottom(), f.kh, f.stride), w_axis(f.left, f.right(), f.kw, f.stride);
  return {f.kh, f.kw, size(2), size(3), h.taps, w_axis.taps, h.lead, w_axis.lead};
}

size_t packed_weights_bytes(std::span<const Desc> descs, const Params& params) {
  return static_cast<size_t>(packed_filter(descs[1], params).elements()) * size_of(descs[0].dtype);
}
size_t packed_narrow_weights_bytes(std::span<const Desc> descs, const Params& params) {
  return descs[0].dtype == DType::f32 ? 0 : packed_weights_bytes(descs, params);
}

void pack_weights(std::span<const PackCall> calls) {
  pack_of<float>(calls);
  pack_of<bfloat16>(calls);
}

const void* packed_weights(const Call& call) {
  if (call.packed) return call.packed;
  const PackCall now{call, call.workspace};
  pack_weights({&now, 1});
  return call.workspace;
}

void unpack_filter(const Call& call, const PackedFilter& filter, const void* packed, DType dtype, float* w) {
  const dim3 blocks = tiles(filter, filter.kh * filter.kw), threads{kTile, kRows};
  if (dtype == DType::bf16)
    launch(unpack_kernel<bfloat16>, blocks, threads, call, filter, static_cast<const bfloat16*>(packed), w);
  else
    launch(unpack_kernel<float>, blocks, threads, call, filter, static_cast<const float*>(packed), w);
}

}  // namespace lineament
