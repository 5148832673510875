// db[c] = sum over all rows of dy[...,c]
#include "kernels/cpu/spatial.h"
#include "kernels/cuda/spatial.h"
#include "kernels/pixels.h"
#include "kernels/spatial_ops.h"

namespace lineament {
namespace {

std::vector<Desc> infer(std::span<const Desc> in, const Params&) {
  check_floats("channel_sum", in);
  check(in[0].shape.rank() > 0, "channel_sum: dy {}, expected [..., c]", to_string(in[0].shape));
  return {{{in[0].shape[-1]}, in[0].dtype}};
}

void reference(const Call& call) {
  by_float(call, [&]<class T>(T) {
    std::span<T> dy = call.in[0].span<T>(), db = call.out[0].span<T>();
    for (size_t c = 0; c < db.size(); ++c) {
      double sum = 0;
      for (size_t i = c; i < dy.size(); i += db.size()) sum += dy[i];
      db[c] = static_cast<T>(sum);
    }
  });
}

const Kernel channel_sum_cpu[] = {
    {"channel_sum.cpu.vector", channel_sum_vector, all_f32, channel_sum_workspace},
    {"channel_sum.cpu.reference", reference},
    {}};

}  // namespace

const Op channel_sum_op = {
    .name = "channel_sum", .infer = infer, .grad = nullptr, .cpu = channel_sum_cpu, .cuda = channel_sum_cuda};

}  // namespace lineament
