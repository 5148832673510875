// When a program records its calls, when it replays them, and when a recording is thrown away.
#include <doctest/doctest.h>

#include <numeric>
#include <optional>

#include "kernels/ops.h"
#include "tensor/program.h"

using namespace lineament;

namespace {

/// The CPU, counting what is asked of it: recordings are lists of one function.
class CountingBackend final : public Backend {
 public:
  struct Kept final : Recording {
    Kept(CountingBackend& counts_, std::function<void()> work_) : counts(counts_), work(std::move(work_)) {}
    void replay() override {
      ++counts.replayed;
      work();
    }
    CountingBackend& counts;
    std::function<void()> work;
  };

  const char* name() const override { return "counting"; }
  KernelList kernels(const Op& op) const override { return op.cpu; }
  Stream& stream() override { return cpu_backend().stream(); }
  void* allocate(size_t bytes) override {
    if (limit && bytes > *limit) fail_run("out of memory: {} bytes asked for", bytes);
    return cpu_backend().allocate(bytes);
  }
  void release(void* data) override { cpu_backend().release(data); }
  void copy_in(void* device, const void* host, size_t bytes) override {
    cpu_backend().copy_in(device, host, bytes);
  }
  void copy_out(void* host, const void* device, size_t bytes) override {
    cpu_backend().copy_out(host, device, bytes);
  }
  void fill(void* device, int byte, size_t bytes) override { cpu_backend().fill(device, byte, bytes); }
  std::unique_ptr<Recording> record(const std::function<void()>& work) override {
    ++recorded;
    return std::make_unique<Kept>(*this, work);
  }
  void synchronize() override { ++synchronized; }
  size_t free_bytes() const override { return limit.value_or(cpu_backend().free_bytes()); }

  int recorded = 0, replayed = 0, synchronized = 0;
  std::optional<size_t> limit;
};

/// y = relu(x w + b) of a batch, on an arena that others may share.
struct Net {
  Graph graph;
  Value x, w, y;
  Program program;

  explicit Net(Backend& backend, int batch, std::shared_ptr<Arena> arena = nullptr,
               const ProgramOptions& options = {})
      : x(graph.input({{batch, 7}}, "x")),
        w(graph.input({{7, 5}}, "w")),
        y(made()),
        program(graph, backend, {}, options, std::move(arena)) {
    feed(0);
  }
  Value made() {
    graph.set_label("fc");
    const Value made = relu(dense(x, w, {}));
    graph.keep(made);
    return made;
  }
  void feed(float shift) {
    std::vector<float> xs(x.desc().elements()), ws(35);
    std::iota(xs.begin(), xs.end(), shift);
    std::iota(ws.begin(), ws.end(), -17.0f);
    program.feed<float>(x, xs);
    program.feed<float>(w, ws);
  }
  std::vector<float> run() {
    program.run();
    return program.read(y);
  }
};

std::vector<float> expected(int batch, float shift) {
  Net net(cpu_backend(), batch);
  net.feed(shift);
  return net.run();
}

const ProgramOptions kPlanned{.planned = true, .poison = false};  // whatever the build's own

}  // namespace

TEST_CASE("the first run goes call by call, the second is recorded, and the others replay it") {
  CountingBackend backend;
  Net net(backend, 3, nullptr, kPlanned);
  CHECK(net.run() == expected(3, 0));
  CHECK(backend.recorded == 0);
  for (int run = 1; run < 4; ++run) {
    net.feed(static_cast<float>(run));
    CHECK(net.run() == expected(3, static_cast<float>(run)));
    CHECK(backend.recorded == 1);
    CHECK(backend.replayed == run);
  }
}

TEST_CASE("a recording ends where the shared arena moves") {
  CountingBackend backend;
  const auto arena = std::make_shared<Arena>(backend);
  Net small(backend, 3, arena, kPlanned);
  for (int run = 0; run < 3; ++run) small.run();
  const int before = small.program.binding();
  CHECK(small.program.binding() == before);
  CHECK(backend.recorded == 1);
  Net large(backend, 3000, arena, kPlanned);
  large.run();
  CHECK(small.run() == expected(3, 0));  // call by call again
  CHECK(small.program.binding() != before);
  CHECK(backend.recorded == 1);
  CHECK(small.run() == expected(3, 0));
  CHECK(backend.recorded == 2);
  CHECK(large.run() == expected(3000, 0));
}

TEST_CASE("profiles and the search for what is not finite go call by call, and waiting for each") {
  CountingBackend backend;
  Net net(backend, 3, nullptr, kPlanned);
  int steps = 0;
  for (int run = 0; run < 3; ++run) {
    net.program.run([&](const Program::Step&, double seconds) {
      CHECK(seconds >= 0);
      ++steps;
    });
    CHECK(!net.program.find_non_finite());
  }
  CHECK(steps == 3 * static_cast<int>(net.program.nodes()));
  CHECK(backend.synchronized == 3 * (1 + static_cast<int>(net.program.nodes())));
  CHECK(backend.recorded == 0);
}

TEST_CASE("programs whose memory is filled and looked at around each run are not recorded") {
  CountingBackend backend;
  Net poisoned(backend, 3, nullptr, {.planned = true, .poison = true});
  Net unplanned(backend, 3, nullptr, {.planned = false, .poison = false});
  for (int run = 0; run < 3; ++run) {
    CHECK(poisoned.run() == expected(3, 0));
    CHECK(unplanned.run() == expected(3, 0));
  }
  CHECK(backend.recorded == 0);
}

TEST_CASE("calls may be recorded together with work of the caller's own") {
  CountingBackend backend;
  Net net(backend, 3, nullptr, kPlanned);
  net.run();
  int own = 0;
  const auto both = backend.record([&] {
    net.program.run_calls();
    ++own;
  });
  net.feed(5);
  both->replay();
  CHECK(own == 1);
  CHECK(net.program.read(net.y) == expected(3, 5));
}

TEST_CASE("a program's list may be gone through step by step") {
  Net net(cpu_backend(), 3, nullptr, kPlanned);
  net.run();
  net.feed(5);
  net.program.pack_each_run();
  CHECK(net.program.steps().size() == net.program.nodes());
  for (const Program::Step& step : net.program.steps()) net.program.run_step(step);
  CHECK(net.program.read(net.y) == expected(3, 5));
}

TEST_CASE("a program that does not fit says what it needs and which batch would") {
  CountingBackend backend;
  backend.limit = 10000;
  try {
    Net net(backend, 1000, nullptr, kPlanned);
    FAIL("it was built");
  } catch (const RunError& error) {
    const std::string text = error.what();
    CAPTURE(text);
    CHECK(text.find("bytes asked for; the program needs 0.0 MB") != std::string::npos);
    CHECK(text.find(" at a batch of 1000; one of ") != std::string::npos);
  }
}

TEST_CASE("a step that fails is named with its layer, op, kernel and shapes") {
  static const Kernel failing[] = {{"dense.cpu.failing", [](const Call&) { fail_run("no such luck"); }}, {}};
  class FailingBackend final : public Backend {
   public:
    const char* name() const override { return "failing"; }
    KernelList kernels(const Op&) const override { return failing; }
    Stream& stream() override { return cpu_backend().stream(); }
    void* allocate(size_t bytes) override { return cpu_backend().allocate(bytes); }
    void release(void* data) override { cpu_backend().release(data); }
    void copy_in(void* device, const void* host, size_t bytes) override {
      cpu_backend().copy_in(device, host, bytes);
    }
    void copy_out(void* host, const void* device, size_t bytes) override {
      cpu_backend().copy_out(host, device, bytes);
    }
    void fill(void* device, int byte, size_t bytes) override { cpu_backend().fill(device, byte, bytes); }
  } backend;
  Net net(backend, 3, nullptr, kPlanned);
  try {
    net.run();
    FAIL("it ran");
  } catch (const RunError& error) {
    CHECK(std::string(error.what()) ==
          "fc (dense, dense.cpu.failing, f32 [3, 7] f32 [7, 5] -> f32 [3, 5]): no such luck");
  }
}
