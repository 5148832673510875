#include "kernels/cuda/pack.h"

#include "kernels/cuda/launch.h"

namespace lineament {
namespace {

constexpr int kTile = 32,
              kRows = 8;  // channels by channels through shared memory: both sides walk along their rows

template <class T>
__global__ void pack_kernel(PackedFilter f, const float* __restrict__ w, T* __restrict__ packed) {
  __shared__ float tile[kTile][kTile + 1];
  const int tap = static_cast<int>(blockIdx.z), i = tap / f.kw_all - f.top, j = tap % f.kw_all - f.left;
  const bool ours = i >= 0 && i < f.kh && j >= 0 && j < f.kw;
  const int c0 = static_cast<int>(blockIdx.x) * kTile, o0 = static_cast<int>(blockIdx.y) * kTile;
  const int x = static_cast<int>(threadIdx.x), y = static_cast<int>(threadIdx.y);
  for (int r = y; r < kTile; r += kRows) {
    const int c = c0 + r, o = o0 + x;
    tile[r][x] = ours && c < f.c && o < f.o ? w[(int64_t{i * f.kw + j} * f.c + c) * f.o + o] : 0.0f;
  }
  __syncthreads();
  for (int r = y; r < kTile; r += kRows) {
    const int c = c0 + x, o = o0 + r;
    if (c < f.c && o < f.o) packed[(int64_t{o} * f.kh_all * f.kw_all + tap) * f.c + c] = T(tile[x][r]);
  }
}

template <class T>
__global__ void unpack_kernel(PackedFilter f, const T* __restrict__ packed, float* __restrict__ w) {
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

template <int V>
__global__ void narrow_kernel(const float* __restrict__ from, bfloat16* __restrict__ to, int64_t packs) {
  const int64_t i = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i >= packs) return;
  const Pack<float, V> wide = reinterpret_cast<const Pack<float, V>*>(from)[i];
  Pack<bfloat16, V> narrowed;
  for (int v = 0; v < V; ++v) narrowed.at[v] = bfloat16(wide.at[v]);
  reinterpret_cast<Pack<bfloat16, V>*>(to)[i] = narrowed;
}

dim3 tiles(const PackedFilter& f, int taps) {
  return {blocks_for(f.c, kTile), blocks_for(f.o, kTile), static_cast<unsigned>(taps)};
}

}  // namespace

void pack_filter(const Call& call, const PackedFilter& filter, const float* w, void* packed, DType dtype) {
  const dim3 blocks = tiles(filter, filter.kh_all * filter.kw_all), threads{kTile, kRows};
  if (dtype == DType::bf16)
    launch(pack_kernel<bfloat16>, blocks, threads, call, filter, w, static_cast<bfloat16*>(packed));
  else
    launch(pack_kernel<float>, blocks, threads, call, filter, w, static_cast<float*>(packed));
}

void unpack_filter(const Call& call, const PackedFilter& filter, const void* packed, DType dtype, float* w) {
  const dim3 blocks = tiles(filter, filter.kh * filter.kw), threads{kTile, kRows};
  if (dtype == DType::bf16)
    launch(unpack_kernel<bfloat16>, blocks, threads, call, filter, static_cast<const bfloat16*>(packed), w);
  else
    launch(unpack_kernel<float>, blocks, threads, call, filter, static_cast<const float*>(packed), w);
}

void narrow(const Call& call, const float* from, bfloat16* to, int64_t count) {
  if (count % 4 == 0)
    launch(narrow_kernel<4>, blocks_for(count / 4), kBlockThreads, call, from, to, count / 4);
  else
    launch(narrow_kernel<1>, blocks_for(count), kBlockThreads, call, from, to, count);
}

}  // namespace lineament
