// log[step mod k] = loss;  healthy = 0 from the first loss on that is not finite
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/launch.h"

namespace lineament {
namespace {

__global__ void note_loss_kernel(const float* loss, const uint64_t* rng, int64_t places, const float* log,
                                 const float* healthy, float* new_log, float* new_healthy) {
  after_previous_kernel();
  const auto place = static_cast<int64_t>(rng[1] % static_cast<uint64_t>(places));
  for (int64_t i = threadIdx.x; i < places; i += blockDim.x) new_log[i] = i == place ? *loss : log[i];
  if (threadIdx.x == 0) *new_healthy = std::isfinite(*loss) ? *healthy : 0.0f;
}

void note_loss_run(const Call& call) {
  const float* loss = call.in[0].as<float>();
  const uint64_t* rng = call.in[1].as<uint64_t>();
  const float *log = call.in[2].as<float>(), *healthy = call.in[3].as<float>();
  launch(note_loss_kernel, 1, 32, call, loss, rng, static_cast<int64_t>(call.in[2].desc.elements()), log,
         healthy, call.out[0].as<float>(), call.out[1].as<float>());
}

}  // namespace

const Kernel note_loss_cuda[] = {{"note_loss.cuda", note_loss_run}, {}};

}  // namespace lineament
