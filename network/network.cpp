#include "network/network.h"

#include <algorithm>
#include <array>

#include "network/device_faces.h"
#include "network/trace.h"

namespace lineament {

/// One trace of the model and the program made of it.
struct Network::Traced : TracedStep {
  using TracedStep::TracedStep;
  std::unique_ptr<Program> program;
};

Network::Network(const Model& model, Loss loss, Backend& backend, uint64_t seed, ProgramOptions options)
    : model_(model),
      loss_(loss),
      backend_(backend),
      seed_(seed),
      options_(std::move(options)),
      parameters_(backend),
      arena_(std::make_shared<Arena>(backend)) {
  if (options_.threads == 0) options_.threads = threads();
  Graph graph;  // declares the parameters; programs trace again, each for its own batch
  Scope scope(graph, parameters_, Mode::infer);
  const auto& [height, width, channels] = model.task.picture;
  model.build(scope, graph.input({{1, height, width, channels}}, "images"), model.task);
  parameters_.allocate(seed);
}

Network::~Network() = default;

Network::Traced& Network::program(Mode mode, int size) {
  std::unique_ptr<Traced>& found = programs_[{mode, size}];
  if (found) return *found;
  auto t = std::make_unique<Traced>(model_, loss_, parameters_, mode, size);
  ProgramOptions options = options_;
  options.keep_packed = mode == Mode::infer;
  t->program = std::make_unique<Program>(t->graph, backend_, parameters_.buffers(mode == Mode::train), options, arena_);
  const std::vector<std::string> used = t->program->kernel_names();
  if (mode == Mode::train && !options_.kernel.empty() && std::ranges::find(used, options_.kernel) == used.end())
    fail_input("--kernel {}: no step of {} can run it", options_.kernel, model_.name);
  found = std::move(t);
  return *found;
}

SoleUse::Turn Network::take_turn() {
  return use_.take("a predictor answers one thread at a time: give each thread its own");
}

void Network::feed(const Batch& batch, uint64_t step) {
  const SoleUse::Turn turn = take_turn();
  feed_step(batch, step);
}

void Network::feed_step(const Batch& batch, uint64_t step) {
  Traced& t = program(Mode::train, batch.size);
  t.program->feed<uint64_t>(t.rng, std::array{seed_, step});
  if (batch.faces) {
    batch.faces->choose(batch.rows, batch.epoch);
    return;
  }
  t.program->feed(t.images, batch.images);
  t.program->feed(t.keypoints, batch.keypoints);
  t.program->feed(t.mask, batch.mask);
}

void Network::make_batch(const Batch& batch, const Traced& t) const {
  if (batch.faces)
    batch.faces->make(t.program->view(t.images), t.program->view(t.keypoints), t.program->view(t.mask));
}

void Network::compute(const Batch& batch) {
  const SoleUse::Turn turn = take_turn();
  compute_step(batch);
}

void Network::compute_step(const Batch& batch) {
  const Traced& t = program(Mode::train, batch.size);
  make_batch(batch, t);
  t.program->run();
}

void Network::compute_calls(const Batch& batch, const Program::Settled& settled) {
  const SoleUse::Turn turn = take_turn();
  const Traced& t = program(Mode::train, batch.size);
  make_batch(batch, t);
  t.program->run_calls(settled);
}

View Network::rng_of(const Batch& batch) {
  const Traced& t = program(Mode::train, batch.size);
  return t.program->view(t.rng);
}

View Network::loss_of(const Batch& batch) {
  const Traced& t = program(Mode::train, batch.size);
  return t.program->view(t.loss);
}

float Network::train_step(const Batch& batch, uint64_t step) {
  const SoleUse::Turn turn = take_turn();
  feed_step(batch, step);
  compute_step(batch);
  float loss = 0;
  const Traced& t = program(Mode::train, batch.size);
  t.program->read<float>(t.loss, {&loss, 1});
  return loss;
}

Inferred Network::infer(int size, std::span<const float> images) {
  const SoleUse::Turn turn = take_turn();
  Traced& t = program(Mode::infer, size);
  t.program->feed(t.images, images);
  t.program->run();
  Inferred inferred{.coordinates = t.program->read(t.answer.points), .log_deviations = {}};
  if (t.answer.log_deviation) inferred.log_deviations = t.program->read(t.answer.log_deviation);
  if (const Parameter* parameter = parameters_.find(kAnswerOffset)) {
    const std::vector<float> offset = parameters_.read(*parameter);
    for (size_t i = 0; i < inferred.coordinates.size(); ++i) inferred.coordinates[i] += offset[i % offset.size()];
  }
  return inferred;
}

Program& Network::program_of(Mode mode, int size) {
  const SoleUse::Turn turn = take_turn();
  return *program(mode, size).program;
}

std::string Network::blame(const Batch& batch, uint64_t step) {
  const SoleUse::Turn turn = take_turn();
  const Traced& t = program(Mode::train, batch.size);
  feed_step(batch, step);
  make_batch(batch, t);
  return t.program->find_non_finite().value_or("no layer: it passed when run again");
}

}  // namespace lineament
