// db[c] = sum of dy over all axes but the last: the gradient of a bias.
#include "kernels/cuda/rows.h"
#include "kernels/cuda/spatial.h"

namespace lineament {
namespace {

struct Store {
  float* db;
  __device__ void operator()(int64_t i, int, const Sums<1>& sum) const { db[i] = sum.at[0]; }
};

int64_t rows_of(const Desc& dy) { return static_cast<int64_t>(dy.elements()) / dy.shape[-1]; }

void run(const Call& call) {
  const Desc& dy = call.in[0].desc;
  by_pack(call, call.in[0], dy.shape[-1], [&]<class T, int V>(T, std::integral_constant<int, V>) {
    reduce<Sums<1>, V>(call, 1, rows_of(dy), dy.shape[-1], RowSums<T, V>{call.in[0].as<T>(), dy.shape[-1]},
                       Store{call.out[0].as<float>()});
  });
}

size_t workspace(std::span<const Desc> descs, const Params&) {
  return reduce_bytes<Sums<1>>(1, rows_of(descs[0]), descs[0].shape[-1]);
}

}  // namespace

const Kernel channel_sum_cuda[] = {{"channel_sum.cuda", run, nullptr, workspace}, {}};

}  // namespace lineament
