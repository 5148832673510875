// average <- average + (1 - decay) (w - average): an exponential moving average of weights, on flat buffers
#include "kernels/cpu/elementwise.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/optimizer_formulas.h"

namespace lineament {
namespace {

std::vector<Desc> shapes(std::span<const Desc> in, const Params&) {
  const bool healthy = in.size() == 4 && in[3] == Desc{{1}};
  check((in.size() == 3 || healthy) && in[1] == in[0] && in[2] == Desc{{1}},
        "weight average: expected an average, as many weights, f32 [1] and perhaps another");
  return {in[0]};
}

void reference(const Call& call) {
  if (stands_still(call, 2)) return;
  by_float(call, [&]<class T>(T) {
    const T *average = call.in[0].as<T>(), *w = call.in[1].as<T>();
    T* updated = call.out[0].as<T>();
    const AverageStep<T> step(call.in[2].as<float>());
    for (size_t i = 0; i < call.out[0].desc.elements(); ++i) updated[i] = step(average[i], w[i]);
  });
}

const Kernel weight_average_cpu[] = {
    LINEAMENT_SIMD("weight_average.cpu", weight_average_simd, anything, no_workspace),
    {"weight_average.cpu.reference", reference},
    {}};

}  // namespace

const Op weight_average_op = {.name = "weight_average",
                              .shapes = shapes,
                              .grad = nullptr,
                              .cpu = weight_average_cpu,
                              .cuda = weight_average_cuda};

}  // namespace lineament
