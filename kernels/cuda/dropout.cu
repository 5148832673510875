// y[i] = x[i] / (1 - rate) where draw i / group is not below the rate; else 0. Draws are the CPU's
// (kernels/formulas.h).
#include "kernels/cuda/divisor.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/map.h"
#include "kernels/elementwise_ops.h"

namespace lineament {
namespace {

struct Draws {
  const uint64_t* rng;
  uint64_t stream;
  uint32_t threshold;
  float scale;

  __device__ float kept(int64_t draw, float x) const {
    const bool keeps = dropout_draw(dropout_key(rng, stream), static_cast<uint64_t>(draw)) >= threshold;
    return keeps ? x * scale : 0.0f;
  }
};
struct Singly {
  Draws draws;
  __device__ float operator()(int64_t i, float x) const { return draws.kept(i, x); }
};
struct Grouped {
  Draws draws;
  Divisor group;
  __device__ float operator()(int64_t i, float x) const { return draws.kept(group.quotient(i), x); }
};

void dropout_run(const Call& call) {
  const auto& p = call.params.as<DropoutParams>();
  const Draws draws{call.in[1].as<uint64_t>(), p.stream, dropout_threshold(p.rate), 1 / (1 - p.rate)};
  by_storage(call.in[0], [&]<class T>(T) {
    if (p.group == 1)
      map(call, Singly{draws}, call.out[0].as<T>(), call.in[0].as<T>());
    else
      map(call, Grouped{draws, Divisor(p.group)}, call.out[0].as<T>(), call.in[0].as<T>());
  });
}

}  // namespace

const Kernel dropout_cuda[] = {{"dropout.cuda", dropout_run}, {}};

}  // namespace lineament
