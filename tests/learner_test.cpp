// A step as one piece of work: recorded, on faces that lie on the device, it learns the same bits; and where a loss breaks
// the weights stand still.
#include "train/learner.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "data/drawn/synthetic.h"
#include "train/loader.h"

using namespace lineament;

namespace {

/// The CPU as a device that records: what it keeps is a list of one function.
class RecordingDevice : public Backend {
 public:
  struct Kept final : Recording {
    explicit Kept(std::function<void()> work_) : work(std::move(work_)) {}
    void replay() override { work(); }
    std::function<void()> work;
  };

  const char* name() const override { return "device"; }
  KernelList kernels(const Op& op) const override { return op.cpu; }
  Stream& stream() override { return cpu_backend().stream(); }
  void* allocate(size_t bytes) override { return cpu_backend().allocate(bytes); }
  void release(void* data) override { cpu_backend().release(data); }
  void copy_in(void* device, const void* host, size_t bytes) override {
    copied_in += bytes;
    cpu_backend().copy_in(device, host, bytes);
  }
  void copy_out(void* host, const void* device, size_t bytes) override {
    ++looks;
    cpu_backend().copy_out(host, device, bytes);
  }
  void fill(void* device, int byte, size_t bytes) override { cpu_backend().fill(device, byte, bytes); }
  std::unique_ptr<Recording> record(const std::function<void()>& work) override {
    ++recorded;
    return std::make_unique<Kept>(work);
  }

  int recorded = 0, looks = 0;
  size_t copied_in = 0;
};

constexpr int kBatch = 5, kEpochs = 3;
constexpr uint64_t kSeed = 9;
const ProgramOptions kPlanned{.planned = true, .poison = false};  // whatever the build's own
const OptimizerOptions kAdam{.kind = OptimizerKind::adam, .rate = 1e-3f, .average_decay = 0.9f};

/// A small network, its optimiser and its faces on a backend.
struct Training {
  Backend& backend;
  Network network;
  Optimizer optimizer;
  Loader loader;

  Training(Backend& where, const Faces& faces, bool on_device, const OptimizerOptions& options = kAdam,
           std::optional<AugmentOptions> draws = AugmentOptions{})
      : backend(where),
        network(find_model("dense2"), Loss::mean_squared_error, where, kSeed, kPlanned),
        optimizer(options, network.parameters()),
        loader(faces, kBatch, kSeed, draws, on_device ? &where : nullptr) {}

  std::vector<float> weights() const {
    std::vector<float> all;
    for (const Parameter& p : network.parameters().all()) {
      const std::vector<float> values = network.parameters().read(p);
      all.insert(all.end(), values.begin(), values.end());
      if (p.home != Home::parameters) continue;
      for (int slot = 0; slot < static_cast<int>(optimizer.slot_names().size()); ++slot) {
        const std::vector<float> state = optimizer.read_slot(slot, p);
        all.insert(all.end(), state.begin(), state.end());
      }
    }
    return all;
  }
};

float rate_of(uint64_t step) { return 1e-3f / static_cast<float>(1 + step); }

/// Losses of all steps.
std::vector<float> learn(Training& training, int most) {
  Learner learner(training.network, training.optimizer, most);
  std::vector<float> losses;
  uint64_t step = 0;
  for (int epoch = 0; epoch < kEpochs; ++epoch) {
    training.loader.start_epoch(epoch);
    for (int b = 0; b < training.loader.batches(); ++b, ++step) {
      learner.learn(training.loader.batch(b), step, rate_of(step));
      if (!learner.full() && b + 1 < training.loader.batches()) continue;
      for (const auto& learned : learner.take()) {
        CHECK(learned.step == losses.size());
        losses.push_back(learned.loss);
      }
    }
  }
  return losses;
}

}  // namespace

TEST_CASE(
    "recorded steps on faces that lie on the device learn the bits of one call after another on the CPU") {
  const Faces faces = synthetic_faces(23, 5);  // gaps too; the last batch has 3
  Training plain(cpu_backend(), faces, false);
  std::vector<float> expected;
  for (int epoch = 0; epoch < kEpochs; ++epoch) {
    plain.loader.start_epoch(epoch);
    for (int b = 0; b < plain.loader.batches(); ++b) {
      const uint64_t step = expected.size();
      expected.push_back(plain.network.train_step(plain.loader.batch(b), step));
      plain.optimizer.update(rate_of(step));
    }
  }
  const std::vector<float> weights = plain.weights();

  for (int most : {1, 3, 100}) {
    CAPTURE(most);
    RecordingDevice device;
    Training training(device, faces, true);
    CHECK(learn(training, most) == expected);
    CHECK(training.weights() == weights);
    CHECK(device.recorded == 2);  // a batch of 5 and one of 3
  }
  Training on_cpu(cpu_backend(), faces, false);
  CHECK(learn(on_cpu, 1) == expected);
  CHECK(on_cpu.weights() == weights);
}

TEST_CASE("each step says that the weights changed, though its replay calls nothing on the host") {
  class Silent final : public Recording {
    void replay() override {}
  };
  class SilentDevice final : public RecordingDevice {
    std::unique_ptr<Recording> record(const std::function<void()>&) override {
      return std::make_unique<Silent>();
    }
  } device;
  const Faces faces = synthetic_faces(23, 5);
  Training training(device, faces, true);
  Learner learner(training.network, training.optimizer, 100);
  training.loader.start_epoch(0);
  const uint64_t* version = training.network.parameters().buffers().version;
  for (uint64_t step = 0; step < 4; ++step) {
    const uint64_t before = *version;
    learner.learn(training.loader.batch(0), step, 1e-3f);
    CHECK(*version > before);
  }
  const uint64_t before = *version;
  training.optimizer.swap_average();
  CHECK(*version > before);
}

TEST_CASE("between two looks a device is told some hundred bytes a step and asked nothing") {
  const Faces faces = synthetic_faces(23, 5);
  RecordingDevice device;
  Training training(device, faces, true);
  Learner learner(training.network, training.optimizer, 100);
  training.loader.start_epoch(0);
  for (int b = 0; b < 4; ++b) {
    const size_t before = device.copied_in;
    const int looks = device.looks;
    learner.learn(training.loader.batch(b), static_cast<uint64_t>(b), 1e-3f);
    CHECK(device.copied_in - before < 200);
    CHECK(device.looks == looks);
  }
  CHECK(learner.take().size() == 4);
  CHECK(learner.take().empty());
}

TEST_CASE(
    "after a loss that is not finite the weights stand still, and the step that broke can be done again") {
  Faces faces = synthetic_faces_complete(20, 5);
  const size_t bad = 13;
  faces.keypoints[bad][7] = INFINITY;
  for (const OptimizerKind kind : {OptimizerKind::adam, OptimizerKind::sgd, OptimizerKind::rmsprop}) {
    CAPTURE(std::string(name_of(kind)));
    const OptimizerOptions options{.kind = kind, .rate = 1e-3f, .momentum = 0.5f, .average_decay = 0.9f};
    RecordingDevice device, other;
    Training training(device, faces, true, options, {}), stopped(other, faces, true, options, {});
    Learner learner(training.network, training.optimizer, 8), beside(stopped.network, stopped.optimizer, 8);
    training.loader.start_epoch(0);
    stopped.loader.start_epoch(0);
    int broken = -1;
    for (int b = 0; b < 4; ++b) {
      learner.learn(training.loader.batch(b), static_cast<uint64_t>(b), 1e-3f);
      const auto rows = training.loader.batch(b).rows;
      if (std::ranges::find(rows, bad) != rows.end()) broken = b;
    }
    REQUIRE(broken >= 0);
    for (int b = 0; b < broken; ++b) beside.learn(stopped.loader.batch(b), static_cast<uint64_t>(b), 1e-3f);
    const auto learned = learner.take();
    for (int b = 0; b < 4; ++b) CHECK(std::isfinite(learned[static_cast<size_t>(b)].loss) == (b != broken));
    CHECK(training.weights() == stopped.weights());
    const std::string said =
        training.network.blame(training.loader.batch(broken), static_cast<uint64_t>(broken));
    CHECK(said.starts_with("loss (mean_squared_error)"));
    for (Training* each : {&training, &stopped}) each->optimizer.swap_average();
    CHECK(training.weights() == stopped.weights());
  }
}

TEST_CASE("losses that nobody took are not written over") {
  const Faces faces = synthetic_faces(23, 5);
  Training training(cpu_backend(), faces, false);
  Learner learner(training.network, training.optimizer, 2);
  training.loader.start_epoch(0);
  learner.learn(training.loader.batch(0), 0, 1e-3f);
  CHECK_FALSE(learner.full());
  learner.learn(training.loader.batch(1), 1, 1e-3f);
  CHECK(learner.full());
  CHECK_THROWS_AS(learner.learn(training.loader.batch(2), 2, 1e-3f), std::logic_error);
}
