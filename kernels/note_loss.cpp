// log[step mod k] = loss;  healthy = 0 from the first loss on that is not finite: what a device keeps while nobody looks
#include <cmath>

#include "kernels/cuda/elementwise.h"
#include "kernels/ops.h"

namespace lineament {
namespace {

std::vector<Desc> shapes(std::span<const Desc> in, const Params&) {
  check(in[0] == Desc{{}} && in[1] == Desc{{2}, DType::u64} &&
            in[2] == Desc{{static_cast<int64_t>(in[2].elements())}} && in[3] == Desc{{1}},
        "note_loss: loss {}, rng {}, log {}, healthy {}", to_string(in[0]), to_string(in[1]),
        to_string(in[2]), to_string(in[3]));
  return {in[2], in[3]};
}

void reference(const Call& call) {
  const float loss = *call.in[0].as<float>();
  const std::span<const float> log = call.in[2].span<float>();
  const std::span<float> new_log = call.out[0].span<float>();
  const size_t place = call.in[1].as<uint64_t>()[1] % log.size();
  for (size_t i = 0; i < log.size(); ++i) new_log[i] = i == place ? loss : log[i];
  *call.out[1].as<float>() = std::isfinite(loss) ? *call.in[3].as<float>() : 0.0f;
}

const Kernel note_loss_cpu[] = {{"note_loss.cpu.reference", reference}, {}};

}  // namespace

const Op note_loss_op = {
    .name = "note_loss", .shapes = shapes, .grad = nullptr, .cpu = note_loss_cpu, .cuda = note_loss_cuda};

}  // namespace lineament
