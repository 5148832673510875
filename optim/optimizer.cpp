#include "optim/optimizer.h"

#include <algorithm>

#include "kernels/ops.h"

namespace lineament {

using Hyper = OptimizerRow::Hyper;

std::span<const OptimizerRow> Choices<OptimizerKind>::rows() {
  static constexpr auto adam = [](const OptimizerOptions& o, float rate, float step) {
    return Hyper{rate, o.beta1, o.beta2, o.epsilon, step, 0};
  };
  static constexpr auto adamw = [](const OptimizerOptions& o, float rate, float step) {
    return Hyper{rate, o.beta1, o.beta2, o.epsilon, step, o.weight_decay};
  };
  static constexpr auto sgd = [](const OptimizerOptions& o, float rate, float) {
    return Hyper{rate, o.momentum, o.nesterov ? 1.0f : 0.0f};
  };
  static constexpr auto rmsprop = [](const OptimizerOptions& o, float rate, float) {
    return Hyper{rate, o.rho, o.epsilon, o.momentum};
  };
  using Kind = OptimizerKind;
  static constexpr OptimizerRow kRows[] = {
      {{"adam", Kind::adam, ""}, &adam_update_op, 2, 6, {"momentum", "velocity"}, adam},
      {{"adamw", Kind::adamw, "adam with weight decay"}, &adam_update_op, 2, 6, {"momentum", "velocity"}, adamw},
      {{"sgd", Kind::sgd, ""}, &sgd_update_op, 1, 3, {"momentum"}, sgd},
      {{"rmsprop", Kind::rmsprop, ""}, &rmsprop_update_op, 2, 4, {"velocity", "momentum"}, rmsprop},
  };
  return kRows;
}

Optimizer::Optimizer(const OptimizerOptions& options, Parameters& parameters)
    : rule_(row_of(options.kind)),
      options_(options),
      parameters_(parameters),
      hyper_(parameters.backend(), sizeof(Hyper)),
      decay_(parameters.backend(), sizeof(float)) {
  slot_names_.assign(rule_.slot_names.begin(), rule_.slot_names.begin() + rule_.slots);
  if (options.average_decay > 0) slot_names_.push_back("average");
  for (size_t slot = 0; slot < slot_names_.size(); ++slot) {
    slots_.emplace_back(parameters.backend(), parameters.flat_size() * sizeof(float));
    parameters.backend().fill(slots_.back().data(), 0, slots_.back().bytes());
  }
}

void Optimizer::update(float rate) {
  prepare(rate);
  apply();
}

void Optimizer::prepare(float rate) {
  ++steps_;
  parameters_.changed();  // here: a replayed step passes by apply()
  const Hyper hyper = rule_.hyper(options_, rate, static_cast<float>(steps_));
  parameters_.backend().copy_in(hyper_.data(), hyper.data(), sizeof(Hyper));
  const float t = static_cast<float>(steps_);
  float decay = steps_ == 1 ? 0 : options_.average_decay;  // the first average is what the step made (Keras's use_ema)
  if (options_.average_warmup) decay = std::min(decay, (1 + t) / (10 + t));
  if (options_.average_decay > 0) parameters_.backend().copy_in(decay_.data(), &decay, sizeof decay);
}

void Optimizer::apply(const View* healthy) {
  apply(healthy, parameters_.backend().stream(), 0, parameters_.flat_size());
}

void Optimizer::apply(const View* healthy, Stream& stream, size_t begin, size_t end) {
  end = std::min(end, parameters_.flat_size());
  if (begin >= end) return;
  const Update& update = update_of(healthy, {begin, end});
  update.step.run(stream);
  if (update.average) update.average->run(stream);
}

const Optimizer::Update& Optimizer::update_of(const View* healthy, const Range& range) {
  const std::pair key(range, static_cast<const void*>(healthy ? healthy->data : nullptr));
  const auto found = updates_.find(key);
  return found != updates_.end() ? found->second : updates_.emplace(key, make_update(healthy, range)).first->second;
}

Optimizer::Update Optimizer::make_update(const View* healthy, const Range& range) {
  Backend& backend = parameters_.backend();
  const auto part = [&](void* buffer) {
    return View{{{static_cast<int64_t>(range[1] - range[0])}}, static_cast<float*>(buffer) + range[0]};
  };
  const View w = part(parameters_.flat_values().data);
  std::vector<View> in{w, part(parameters_.flat_gradients().data)}, out{w};
  for (int slot = 0; slot < rule_.slots; ++slot) {
    in.push_back(part(slots_[slot].data()));
    out.push_back(in.back());
  }
  in.push_back({{{rule_.settings}}, hyper_.data()});
  if (healthy) in.push_back(*healthy);
  Update update{OpCall(backend, *rule_.op, std::move(in), std::move(out)), {}};
  if (options_.average_decay == 0) return update;
  const View average = part(slots_.back().data());
  std::vector<View> averaged{average, w, {{{1}}, decay_.data()}};
  if (healthy) averaged.push_back(*healthy);
  update.average.emplace(backend, weight_average_op, std::move(averaged), std::vector{average});
  return update;
}

void Optimizer::swap_average() {
  if (options_.average_decay == 0 || steps_ == 0) return;
  Backend& backend = parameters_.backend();
  const View w = parameters_.flat_values();
  std::vector<char> weights(w.desc.bytes()), average(weights.size());
  backend.copy_out(weights.data(), w.data, weights.size());
  backend.copy_out(average.data(), slots_.back().data(), average.size());
  backend.copy_in(w.data, average.data(), average.size());
  backend.copy_in(slots_.back().data(), weights.data(), weights.size());
  parameters_.changed();
}

void Optimizer::reset() {
  steps_ = 0;
  const size_t bytes = parameters_.flat_size() * sizeof(float);
  for (Memory& slot : slots_) parameters_.backend().fill(slot.data(), 0, bytes);
}

std::vector<float> Optimizer::read_slot(int slot, const Parameter& p) const {
  std::vector<float> values(p.desc.elements());
  parameters_.backend().copy_out(values.data(), static_cast<float*>(slots_[slot].data()) + p.offset, p.desc.bytes());
  return values;
}

void Optimizer::write_slot(int slot, const Parameter& p, std::span<const float> values) {
  check(values.size_bytes() == p.desc.bytes(), "{}: {} values written to slot {}", p.name, values.size(), slot);
  parameters_.backend().copy_in(static_cast<float*>(slots_[slot].data()) + p.offset, values.data(), values.size_bytes());
}

}  // namespace lineament
