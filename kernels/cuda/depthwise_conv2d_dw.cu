// dw[i,j,c] = sum over n oh ow of x[n, oh s + i - top, ow s + j - left, c] dy[n,oh,ow,c]: a thread has all taps of a few channels and
// goes over tiles of dy, reading the x under each once. Then the sums of slices of tiles come together, in their order.
#include "kernels/cuda/add_slices.h"
#include "kernels/cuda/depthwise_tiles.h"
#include "kernels/cuda/pixel_grid.h"
#include "kernels/cuda/rows.h"
#include "kernels/cuda/spatial.h"

namespace lineament {
namespace {

constexpr int64_t kLeastTiles = 2;  // of a thread: fewer would be less than bringing its sums together

/// The cut, its strips of one tile, in slices of whole rounds of a block's slots.
struct SlicedTiles {
  TileCut cut;
  int64_t slice_tiles;
  int slices;

  SlicedTiles(int64_t n, int tile_rows, int tile_columns, int64_t channels, int pack, int pack_bytes)
      : cut(n, tile_rows, tile_columns, channels, pack, pack_bytes, 1) {
    const int64_t rounds = (cut.strips + cut.slots - 1) / cut.slots;
    const int64_t most_slices = std::max<int64_t>(1, kTileBlocks / cut.chunks);
    const int64_t slice_rounds = std::max(kLeastTiles, (rounds + most_slices - 1) / most_slices);
    slice_tiles = slice_rounds * cut.slots;
    slices = static_cast<int>((cut.strips + slice_tiles - 1) / slice_tiles);
  }
};

/// partial [slices, K K, channels].
template <class T, int K, int S>
__global__ void __launch_bounds__(kTileThreads, kTileResident)
    taps_kernel(Pixels<const T> x, Pixels<const T> dy, int top, int left, SlicedTiles sliced,
                float* partial) {
  after_previous_kernel();
  using Axis = Positions<K, S>;
  constexpr int V = kTileChannels<K>, kTile = Axis::kTile, kSources = Axis::kSources;
  __shared__ float held[K * K][kTileThreads * V];
  const TileCut& cut = sliced.cut;
  const TilePlace place(cut);
  const int channel = place.pack * V, channels = dy.c;
  Floats<V> sums[K * K] = {};
  const int64_t begin = place.part * sliced.slice_tiles;
  const int64_t end = begin + sliced.slice_tiles < cut.strips ? begin + sliced.slice_tiles : cut.strips;
  if (place.pack < cut.packs) {
#pragma unroll 1
    for (int64_t index = begin + place.slot; index < end; index += cut.slots) {
      const TileCut::Strip tile = cut.strip(index);
      const int row = tile.row * kTile, column = tile.column * kTile;
      Floats<V> upstream[kTile][kTile];
#pragma unroll
      for (int a = 0; a < kTile; ++a) {
        const int64_t line = (int64_t{tile.picture} * dy.h + row + a) * dy.w;
        const T* from = dy.data + (line + column) * channels + channel;
#pragma unroll
        for (int b = 0; b < kTile; ++b)
          upstream[a][b] = load_or_zeros<V>(from + b * channels, row + a < dy.h && column + b < dy.w);
      }
      const int source_row = Axis::first_source(row, top), source_column = Axis::first_source(column, left);
#pragma unroll
      for (int r = 0; r < kSources; ++r) {
        if (!inside(source_row + r, x.h)) continue;
        const int64_t line = (int64_t{tile.picture} * x.h + source_row + r) * x.w;
        const T* from = x.data + (line + source_column) * channels + channel;
#pragma unroll
        for (int q = 0; q < kSources; ++q) {
          const Floats<V> source = load_or_zeros<V>(from + q * channels, inside(source_column + q, x.w));
#pragma unroll
          for (int a = 0; a < kTile; ++a)
#pragma unroll
            for (int b = 0; b < kTile; ++b) {
              const int i = Axis::tap(a, r), j = Axis::tap(b, q);
              if (i < 0 || i >= K || j < 0 || j >= K) continue;
#pragma unroll
              for (int v = 0; v < V; ++v) sums[i * K + j].at[v] += source.at[v] * upstream[a][b].at[v];
            }
        }
      }
    }
  }
  const int thread = static_cast<int>(threadIdx.x), width = cut.lanes * V;  // of a slot
#pragma unroll
  for (int tap = 0; tap < K * K; ++tap)
    for (int v = 0; v < V; ++v) held[tap][thread * V + v] = sums[tap].at[v];
  __syncthreads();
  const int first = channel - place.lane * V;  // of the block's channels
  for (int e = thread; e < K * K * width; e += static_cast<int>(blockDim.x)) {
    const int tap = e / width, c = e - tap * width;
    float sum = 0;
    for (int slot = 0; slot < cut.slots; ++slot) sum += held[tap][slot * width + c];
    if (first + c < channels) partial[(place.part * K * K + tap) * channels + first + c] = sum;
  }
}

struct Store {
  float* dw;
  __device__ void operator()(int64_t i, int, const Sums<1>& sum) const { dw[i] = sum.at[0]; }
};

template <int K, int S>
SlicedTiles slices_of(const Shape& dy, int element_bytes) {
  constexpr int kTile = Positions<K, S>::kTile, V = kTileChannels<K>;
  const auto tiles = [](int64_t size) { return static_cast<int>((size + kTile - 1) / kTile); };
  return {dy[0], tiles(dy[1]), tiles(dy[2]), dy[3], V, V * element_bytes};
}

/// Calls f with the taps and the stride of a filter that tiles are made for; whether it is one.
template <class F>
bool by_filter(const Window& f, F&& with) {
  const auto square = [&](int taps, int stride) {
    return f.kh == taps && f.kw == taps && f.stride == stride;
  };
  const auto call = [&]<int K, int S>() {
    if (square(K, S)) with.template operator()<K, S>();
    return square(K, S);
  };
  return call.template operator()<3, 1>() || call.template operator()<3, 2>() ||
         call.template operator()<5, 1>() || call.template operator()<5, 2>();
}

/// Tap (i, j) alone, for other filters and channels.
template <class T>
struct OneTap {
  Window f;
  Pixels<const T> x, dy;
  int i, j;

  __device__ void operator()(const RowPlace& place, Sums<1> (&sums)[1]) const {
    float sum = 0;
    for (int64_t row = place.first; row < place.last; row += place.step) {
      const int n = static_cast<int>(row / dy.h), oh = static_cast<int>(row - int64_t{n} * dy.h);
      const int h = oh * f.stride - f.top + i;
      if (h < 0 || h >= x.h) continue;
      for (int ow = 0; ow < dy.w; ++ow) {
        const int w = ow * f.stride - f.left + j;
        if (w < 0 || w >= x.w) continue;
        sum += static_cast<float>(x.at(n, h, w)[place.channel]) *
               static_cast<float>(dy.at(n, oh, ow)[place.channel]);
      }
    }
    sums[0].at[0] = sum;
  }
};

int64_t rows_of(const Shape& dy) { return dy[0] * dy[1]; }

void run(const Call& call) {
  const auto& f = call.params.as<Window>();
  by_storage(call.in[0], [&]<class T>(T) {
    const auto x = read_pixels<T>(call.in[0]), dy = read_pixels<T>(call.in[1]);
    float *dw = call.out[0].as<float>(), *partial = static_cast<float*>(call.workspace);
    bool done = false;
    by_filter(f, [&]<int K, int S>() {
      if (!tiles_fit<K>(call, dy.c)) return;
      const SlicedTiles sliced = slices_of<K, S>(call.in[1].shape(), sizeof(T));
      launch(taps_kernel<T, K, S>, static_cast<unsigned>(sliced.slices * sliced.cut.chunks),
             sliced.cut.threads(), call, x, dy, f.top, f.left, sliced, partial);
      add_slices(call, partial, sliced.slices, int64_t{K} * K * dy.c, dw);
      done = true;
    });
    if (done) return;
    for (int tap = 0; tap < f.taps(); ++tap)
      reduce<Sums<1>, 1>(call, 1, rows_of(call.in[1].shape()), dy.c,
                         OneTap<T>{f, x, dy, tap / f.kw, tap % f.kw}, Store{dw + int64_t{tap} * dy.c});
  });
}

/// Of both ways: which it is depends on addresses too.
size_t workspace(std::span<const Desc> descs, const Params& params) {
  const auto& f = params.as<Window>();
  const Shape& dy = descs[1].shape;
  size_t bytes = reduce_bytes<Sums<1>>(1, rows_of(dy), dy[3]);
  by_filter(f, [&]<int K, int S>() {
    if (dy[3] % kTileChannels<K> != 0) return;
    const int slices = slices_of<K, S>(dy, static_cast<int>(size_of(descs[1].dtype))).slices;
    bytes = std::max(bytes, static_cast<size_t>(slices * K * K * dy[3]) * sizeof(float));
  });
  return bytes;
}

}  // namespace

const Kernel depthwise_conv2d_dw_cuda[] = {{"depthwise_conv2d_dw.cuda", run, nullptr, workspace}, {}};

}  // namespace lineament
