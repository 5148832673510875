// Checkpoints: all comes back, nothing of another model does, and being killed costs at most the newest one.
#include "train/checkpoint.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <thread>

#include "tests/support.h"
#include "train/checkpoint_writer.h"
#include "weights/safetensors.h"

using namespace lineament;
using test::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

struct Example {
  Parameters parameters{cpu_backend()};

  explicit Example(int64_t units = 13, uint64_t seed = 1, bool with_extra = false) {
    parameters.declare("conv/kernel", {3, 3, 1, 7}, Home::parameters, {Init::glorot_uniform});
    parameters.declare("bn/moving_mean", {7}, Home::statistics, {Init::zeros});
    parameters.declare("dense/kernel", {11, units}, Home::parameters, {Init::glorot_uniform});
    parameters.declare("dense/bias", {units}, Home::parameters, {Init::zeros});
    if (with_extra) parameters.declare("extra/bias", {5}, Home::parameters, {Init::ones});
    parameters.allocate(seed);
  }
  std::vector<std::vector<float>> values() const {
    std::vector<std::vector<float>> all;
    for (const Parameter& p : parameters.all()) all.push_back(parameters.read(p));
    return all;
  }
  void fill(float value) {
    for (const Parameter& p : parameters.all())
      parameters.write(p, std::vector<float>(p.desc.elements(), value));
  }
};

/// Slots that are not zero, without a training.
void fill_slots(Optimizer& optimizer, const Parameters& parameters) {
  for (int slot = 0; slot < static_cast<int>(optimizer.slot_names().size()); ++slot)
    for (const Parameter& p : parameters.all())
      if (p.home == Home::parameters)
        optimizer.write_slot(slot, p, std::vector<float>(p.desc.elements(), 0.5f + slot + p.offset));
  optimizer.set_steps(1234);
}

CheckpointInfo info() {
  return {.spec = {.model = "cnn"},
          .optimizer = "adam",
          .config = "{\n  \"epochs\": 7\n}\n",
          .state = {.step = 1234,
                    .epoch = 11,
                    .best_dev_mse = 0.1 + 0.2,
                    .best_epoch = 9,
                    .plateau = {.rate = 0.0007f, .best = 1.0 / 3, .wait = 2, .cooldown = 1},
                    .stopping = {.best = {}, .best_epoch = 0, .wait = 3}},
          .data = {{.faces = 50, .dev_faces = 10, .fingerprint = 0xfedcba9876543210},
                   {.from_epoch = 9, .faces = 51, .dev_faces = 10, .fingerprint = 7}}};
}

std::string complaint(const fs::path& path, Parameters& parameters, Optimizer* optimizer = nullptr) {
  try {
    load_checkpoint(path, ModelSpec{.model = "dense2"}, parameters, optimizer);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("parameters, statistics, optimiser and state come back to the bit") {
  const TemporaryFolder folder;
  const fs::path path = folder / "last.safetensors";
  Example saved;
  saved.parameters.write(*saved.parameters.find("bn/moving_mean"), std::vector<float>(7, 0.25f));
  Optimizer optimizer({}, saved.parameters);
  fill_slots(optimizer, saved.parameters);
  save_checkpoint(path, saved.parameters, &optimizer, info());

  Example loaded(13, 2);
  REQUIRE(loaded.values() != saved.values());
  Optimizer other({}, loaded.parameters);
  const CheckpointInfo back = load_checkpoint(path, ModelSpec{.model = "cnn"}, loaded.parameters, &other);
  CHECK(loaded.values() == saved.values());
  CHECK(other.steps() == 1234);
  for (int slot = 0; slot < 2; ++slot)
    for (const Parameter& p : saved.parameters.all())
      if (p.home == Home::parameters) CHECK(other.read_slot(slot, p) == optimizer.read_slot(slot, p));
  CHECK(back.spec == info().spec);
  CHECK(back.optimizer == "adam");
  CHECK(back.config == info().config);
  CHECK(back.state == info().state);
  CHECK(back.data == info().data);
  CHECK(read_checkpoint_info(path).state == info().state);
}

TEST_CASE("an optimiser restored goes on as the one that was saved") {
  const TemporaryFolder folder;
  Example first, second(13, 2);
  for (const auto& row : Choices<OptimizerKind>::rows()) {
    const std::string name(row.name);
    const OptimizerOptions options = {.kind = row.value, .momentum = 0.9f};
    Optimizer a(options, first.parameters), b(options, second.parameters);
    const auto step = [](Example& example, Optimizer& optimizer) {
      const View gradients = example.parameters.flat_gradients();
      const std::vector<float> half(gradients.desc.elements(), 0.5f);
      cpu_backend().copy_in(gradients.data, half.data(), gradients.desc.bytes());
      optimizer.update(0.01f);
    };
    for (int i = 0; i < 3; ++i) step(first, a);
    save_checkpoint(folder / name, first.parameters, &a, info());
    load_checkpoint(folder / name, ModelSpec{.model = "cnn"}, second.parameters, &b);
    for (int i = 0; i < 3; ++i) step(first, a), step(second, b);
    CHECK(first.values() == second.values());
  }
}

TEST_CASE("the same state is the same file, byte for byte") {
  const TemporaryFolder folder;
  const Example example;
  save_checkpoint(folder / "a", example.parameters, nullptr, info());
  save_checkpoint(folder / "b", example.parameters, nullptr, info());
  CHECK(test::read_text(folder / "a") == test::read_text(folder / "b"));
}

TEST_CASE("tensors go by their parameters' names, the optimiser's beside them") {
  const TemporaryFolder folder;
  Example example;
  const Optimizer optimizer({}, example.parameters);
  save_checkpoint(folder / "a", example.parameters, &optimizer, info());
  const SafetensorsReader file(folder / "a");
  CHECK(file.entries().size() == 4 + 2 * 3);
  CHECK(file.read("dense/kernel") == example.values()[2]);
  CHECK(file.find("optimizer/velocity/conv/kernel"));
  CHECK_FALSE(file.find("optimizer/velocity/bn/moving_mean"));
}

TEST_CASE("written beside the training, a file holds what was so when it was saved") {
  for (bool beside_device : {false, true}) {
    CAPTURE(beside_device);
    const TemporaryFolder folder;
    Example example, loaded(13, 2);
    CheckpointWriter writer(beside_device);
    const auto before = example.values();
    writer.save(folder / "first", example.parameters, nullptr, info());
    CHECK(fs::exists(folder / "first") != beside_device);
    example.fill(3);
    const auto after = example.values();
    writer.save(folder / "second", example.parameters, nullptr, info());
    writer.start();
    example.fill(4);
    writer.finish();
    load_checkpoint(folder / "first", ModelSpec{.model = "cnn"}, loaded.parameters);
    CHECK(loaded.values() == before);
    load_checkpoint(folder / "second", ModelSpec{.model = "cnn"}, loaded.parameters);
    CHECK(loaded.values() == after);
  }
}

TEST_CASE("a file that could not be written beside the training is told of with the next, and at the end") {
  const TemporaryFolder folder;
  const Example example;
  CheckpointWriter writer(true);
  writer.save(folder / "no folder/a", example.parameters, nullptr, info());
  writer.start();
  CHECK_THROWS_AS(writer.save(folder / "b", example.parameters, nullptr, info()), InputError);
  writer.save(folder / "no folder/a", example.parameters, nullptr, info());
  writer.start();
  CHECK_THROWS_AS(writer.finish(), InputError);
  CHECK_NOTHROW(writer.finish());
}

TEST_CASE("the model alone is read from a checkpoint with an optimiser, not the other way round") {
  const TemporaryFolder folder;
  Example saved;
  Optimizer optimizer({}, saved.parameters);
  save_checkpoint(folder / "full", saved.parameters, &optimizer, info());
  save_checkpoint(folder / "model", saved.parameters, nullptr, info());

  Example loaded(13, 2);
  load_checkpoint(folder / "full", ModelSpec{.model = "cnn"}, loaded.parameters);
  CHECK(loaded.values() == saved.values());
  Optimizer other({}, loaded.parameters);
  CHECK(complaint(folder / "model", loaded.parameters, &other) ==
        (folder / "model").string() +
            ": holds no optimiser state, the training cannot be resumed from it; last.safetensors holds one");
}

TEST_CASE("another model's checkpoint is refused by its first tensor that differs, and changes nothing") {
  const TemporaryFolder folder;
  const fs::path path = folder / "a";
  const Example saved;
  save_checkpoint(path, saved.parameters, nullptr, info());
  const std::string begin = path.string() + ": a checkpoint of cnn does not fit dense2: tensor ";

  Example wider(17, 2);
  const auto before = wider.values();
  CHECK(complaint(path, wider.parameters) ==
        begin + "dense/kernel is F32 [11, 13], expected F32 [11, 17] (and 1 more differ)");
  CHECK(wider.values() == before);

  Example more(13, 2, true);
  CHECK(complaint(path, more.parameters) == begin + "extra/bias [5] is missing");

  save_checkpoint(path, more.parameters, nullptr, info());
  Example fewer(13, 2);
  CHECK(complaint(path, fewer.parameters) == begin + "extra/bias [5] is not expected");
}

TEST_CASE("another optimiser's state is refused") {
  const TemporaryFolder folder;
  Example example;
  const Optimizer adam({}, example.parameters);
  Optimizer sgd({.kind = OptimizerKind::sgd, .momentum = 0.9f}, example.parameters);
  save_checkpoint(folder / "a", example.parameters, &adam, info());
  CHECK(complaint(folder / "a", example.parameters, &sgd)
            .find("a checkpoint of cnn trained with adam does not fit") != std::string::npos);
  CHECK(sgd.steps() == 0);
}

TEST_CASE("safetensors that are no checkpoint, and checkpoints cut anywhere, are refused in one line") {
  const TemporaryFolder folder;
  {
    SafetensorsWriter file(folder / "plain", {{"dense/bias", {1}}}, {{"format", "pt"}});
    file.write(std::vector<float>{1});
    file.commit();
  }
  CHECK_THROWS_WITH_AS(read_checkpoint_info(folder / "plain"),
                       doctest::Contains("plain: is no checkpoint of lineament"), InputError);
  Example example;
  save_checkpoint(folder / "whole", example.parameters, nullptr, info());
  const std::string whole = test::read_text(folder / "whole");
  const auto before = Example(13, 2).values();
  Example loaded(13, 2);
  for (int percent = 0; percent < 100; ++percent) {
    test::write_text(folder / "cut", whole.substr(0, whole.size() * percent / 100));
    CHECK(complaint(folder / "cut", loaded.parameters).find("cut: cut short") != std::string::npos);
  }
  CHECK(loaded.values() == before);
}

TEST_CASE("a checkpoint whose state was tampered with is refused") {
  const TemporaryFolder folder;
  for (const char* state : {"", "{}", "[]", "{\"step\":\"x\"}", "nonsense"}) {
    SafetensorsWriter file(folder / "a", {}, {{"format", "lineament checkpoint 1"}, {"state", state}});
    file.commit();
    CHECK_THROWS_WITH_AS(read_checkpoint_info(folder / "a"),
                         doctest::Contains("where its training stood"), InputError);
  }
}

TEST_CASE("a training killed at any moment leaves its last good checkpoint") {
  const TemporaryFolder folder;
  const fs::path path = folder / "last.safetensors";
  const auto make = [] {
    auto example = std::make_unique<Parameters>(cpu_backend());
    for (int i = 0; i < 5; ++i)
      example->declare(fmt::format("dense{}/kernel", i), {500, 401}, Home::parameters, {Init::zeros});
    example->allocate(1);
    return example;
  };
  const auto save = [&](Parameters& parameters, int64_t step) {
    for (const Parameter& p : parameters.all())
      parameters.write(p, std::vector<float>(p.desc.elements(), static_cast<float>(step)));
    CheckpointInfo now = info();
    now.state.step = step;
    save_checkpoint(path, parameters, nullptr, now);
  };
  const auto parameters = make();
  save(*parameters, 1);

  int64_t last_step = 1;
  for (int kill_after_ms : {3, 11, 17, 29, 41, 53}) {
    const pid_t child = fork();
    if (child == 0) try {
        for (int64_t step = last_step + 1;; ++step) save(*parameters, step);
      } catch (...) {
        _exit(1);
      }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (read_checkpoint_info(path).state.step == last_step && std::chrono::steady_clock::now() < deadline)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::this_thread::sleep_for(std::chrono::milliseconds(kill_after_ms));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    REQUIRE(WIFSIGNALED(status));

    const auto loaded = make();
    const int64_t step = load_checkpoint(path, ModelSpec{.model = "cnn"}, *loaded).state.step;
    CHECK(step > last_step);
    last_step = step;
    for (const Parameter& p : loaded->all())
      CHECK(loaded->read(p) == std::vector<float>(p.desc.elements(), static_cast<float>(step)));
  }
}
