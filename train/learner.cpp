#include "train/learner.h"

#include "kernels/ops.h"

namespace lineament {

Learner::Learner(Network& network, Optimizer& optimizer, int most)
    : network_(network),
      optimizer_(optimizer),
      log_(network.backend(), static_cast<size_t>(most) * sizeof(float)),
      healthy_(network.backend(), sizeof(float)) {
  const float healthy = 1;
  network.backend().copy_in(healthy_.data(), &healthy, sizeof healthy);
  network.backend().fill(log_.data(), 0, log_.bytes());
  kept_.reserve(static_cast<size_t>(most));
}

void Learner::note_loss(const Batch& batch, Stream& stream) {
  const View log{{{static_cast<int64_t>(log_.bytes() / sizeof(float))}}, log_.data()};
  std::optional<OpCall>& note = work_[batch.size].note;
  if (!note)
    note.emplace(network_.backend(), note_loss_op,
                 std::vector{network_.loss_of(batch), network_.rng_of(batch), log, healthy_view()},
                 std::vector{log, healthy_view()});
  note->run(stream);
}

void Learner::learn(const Batch& batch, uint64_t step, float rate) {
  check(!full(), "step {}: the losses of {} steps were not taken", step, kept_.size());
  network_.feed(batch, step);
  optimizer_.prepare(rate);
  kept_.push_back({step, batch.size, 0});

  Program& program = network_.program_of(Mode::train, batch.size);
  Work& work = work_[batch.size];
  if (const int binding = program.binding(); binding != work.binding) work = {.binding = binding, .ran = false, .recording = nullptr, .note = {}};
  if (work.ran && !work.recording && recordable_) {
    if (program.recordable())
      work.recording = network_.backend().record([this, batch] {
        bool noted = false;  // the first update, too, asks whether the loss is finite
        network_.compute_calls(batch, [&](Stream& stream, size_t begin, size_t end) {
          if (!std::exchange(noted, true)) note_loss(batch, stream);
          const View healthy = healthy_view();
          optimizer_.apply(&healthy, stream, begin, end);
        });
      });
    recordable_ = work.recording != nullptr;
  }
  work.ran = true;
  if (work.recording) return work.recording->replay();
  network_.compute(batch);
  note_loss(batch, network_.backend().stream());
  const View healthy = healthy_view();
  optimizer_.apply(&healthy);
}

std::vector<Learner::Learned> Learner::take() {
  std::vector<float> log(log_.bytes() / sizeof(float));
  network_.backend().copy_out(log.data(), log_.data(), log_.bytes());
  for (Learned& learned : kept_) learned.loss = log[learned.step % log.size()];
  const std::vector<Learned> taken = kept_;
  kept_.clear();  // and keeps its memory
  return taken;
}

}  // namespace lineament
