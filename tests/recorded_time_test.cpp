// What a call takes within a recording: the start of the recording is not in it.
#include "bench/recorded_time.h"

#include <doctest/doctest.h>

#include <chrono>
#include <thread>

using namespace lineament;

namespace {

void sleep_ms(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

/// The CPU with recordings that are slow to start; or with none.
class SlowToStart final : public Backend {
 public:
  explicit SlowToStart(bool records) : records_(records) {}
  const char* name() const override { return "slow to start"; }
  KernelList kernels(const Op& op) const override { return op.cpu; }
  Stream& stream() override { return cpu_backend().stream(); }
  void* allocate(size_t bytes) override { return cpu_backend().allocate(bytes); }
  void release(void* data) override { cpu_backend().release(data); }
  void copy_in(void* to, const void* from, size_t bytes) override { cpu_backend().copy_in(to, from, bytes); }
  void copy_out(void* to, const void* from, size_t bytes) override {
    cpu_backend().copy_out(to, from, bytes);
  }
  void fill(void* data, int byte, size_t bytes) override { cpu_backend().fill(data, byte, bytes); }
  std::unique_ptr<Recording> record(const std::function<void()>& work) override {
    struct Kept final : Recording {
      explicit Kept(std::function<void()> w) : work(std::move(w)) {}
      void replay() override {
        sleep_ms(50);
        work();
      }
      std::function<void()> work;
    };
    return records_ ? std::make_unique<Kept>(work) : nullptr;
  }

 private:
  bool records_;
};

}  // namespace

TEST_CASE("a call's time in a recording is its own") {
  SlowToStart backend(true);
  int calls = 0;
  const auto work = [&] {
    ++calls;
    sleep_ms(1);
  };
  const std::optional<double> few = recorded_seconds(backend, work, 1.0);
  REQUIRE(few);
  CHECK(*few > 0.5e-3);
  CHECK(*few < 10e-3);
  CHECK(calls == 6 * (1 + 3));  // alone, and before a row of two; six replays of each
  const std::optional<double> many = recorded_seconds(backend, work, 1e-6);
  REQUIRE(many);
  CHECK(*many < 10e-3);
  CHECK(calls == 6 * (1 + 3) + 6 * (1 + 21));
}

TEST_CASE("what is not recorded has no such time") {
  SlowToStart backend(false);
  CHECK(!recorded_seconds(
      backend, [] {}, 1e-6));
}
