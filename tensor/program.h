// Run: a graph becomes a flat list of kernel calls on fixed addresses. Nothing allocates after it is built.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/sole_use.h"
#include "tensor/backend.h"
#include "tensor/graph.h"
#include "tensor/lanes.h"
#include "tensor/plan.h"

namespace lineament {

/// The flat homes, one address each; null where a graph has none.
struct Buffers {
  void* parameters = nullptr;
  void* gradients = nullptr;
  void* statistics = nullptr;
  const uint64_t* version = nullptr;  // another number whenever somebody may have written to the parameters
};

/// Memory for temporaries that programs which never run at once may share: it holds the largest of their plans.
struct Arena {
  Memory memory;
  explicit Arena(Backend& backend) : memory(backend) {}
};

#ifdef LINEAMENT_UNPLANNED
inline constexpr bool kPlannedByDefault = false;  // one allocation per value, so that sanitizers see overruns
#else
inline constexpr bool kPlannedByDefault = true;
#endif

struct ProgramOptions {
  bool planned = kPlannedByDefault;
  bool reference = false;            // the readable kernels, whatever their speed
  bool poison = !kPlannedByDefault;  // fill temporaries with NaN before each run: nothing may read what none wrote
  std::string kernel = {};           // force this kernel wherever its op occurs
  bool keep_packed = false;  // filters packed once, until the parameters' version changes: for inference
  Precision precision = Precision::f32;
  bool deterministic = false;  // the same bits in every run, where a backend has faster kernels that do without
  bool side = true;            // gradients of weights in a lane of their own, where a backend has a side stream
  int threads = 0;             // of the CPU kernels, in every run; 0: threads() when it is built
};

/// Invariant: addresses never change between runs of an arena's largest program; inputs keep what was fed.
/// Any thread may run it, but one at a time: a run beside another is a RunError. Feeding, running and reading as one is
/// the caller's to see to (network/network.h does).
class Program {
 public:
  /// One call of the list: a node, the kernel it got and where its tensors lie.
  struct Step {
    const Kernel* kernel;
    const Op* op;
    Params params;
    std::string label;
    std::vector<View> in, out;
    std::optional<size_t> packed_at = {};  // bytes into what is packed before the first step
    bool side = false;                     // in the side lane, with its workspace
  };

  /// Is told which elements of the flat parameters, [begin, end), are read no more and have their whole gradients: for what
  /// is asked of `stream` from then on. The first range has no end but the buffer's.
  using Settled = std::function<void(Stream& stream, size_t begin, size_t end)>;

  Program(const Graph& graph, Backend& backend, const Buffers& buffers, const ProgramOptions& options = {},
          std::shared_ptr<Arena> arena = nullptr);

  /// Copies host data into an input; sizes and types must agree.
  template <class T>
  void feed(Value input, std::span<const T> data) {
    feed_bytes(input, dtype_of<T>, data.data(), data.size_bytes());
  }
  /// Call by call the first time; then all calls as one where the backend can record them.
  void run();
  /// Call by call, in both lanes and without anything around it: for a caller who records the calls together with work
  /// of its own. Such a recording is good while binding() stays what it was. `settled` is told of the parameters range by
  /// range, the last ones first, so that what updates them runs beside the rest.
  void run_calls(const Settled& settled = {}) const;
  /// What run_calls() consists of, for profiles and tests that go step by step: packing, then the list in its order. After a
  /// run() alone, which sees to what surrounds them.
  void pack_each_run() const;
  const std::vector<Step>& steps() const { return steps_; }
  void run_step(const Step& step) const { run_step(step, backend_.stream()); }
  /// Whether such a recording can stand for a run: nothing is filled or looked at around it.
  bool recordable() const { return recordable_; }
  /// Where an input, a kept value or a parameter lies, for work beside the program; good as long as binding().
  View view(Value value) const;
  /// How often addresses were given out; gives out new ones where the shared arena has moved.
  int binding();
  /// The same as run(), one step after another, telling how long each took: for profiles.
  void run(const std::function<void(const Step&, double seconds)>& watch);
  /// Copies an input, a kept value or a parameter to the host.
  template <class T>
  void read(Value value, std::span<T> data) const {
    read_bytes(value, dtype_of<T>, data.data(), data.size_bytes());
  }
  template <class T = float>
  std::vector<T> read(Value value) const {
    std::vector<T> data(value.desc().elements());
    read<T>(value, data);
    return data;
  }

  /// Runs once more, looking at each node's outputs: the layer and op that first made a NaN or infinity, and whether its
  /// inputs were already broken.
  std::optional<std::string> find_non_finite();

  size_t arena_bytes() const { return plan_.arena_bytes; }
  size_t workspace_bytes() const { return workspace_bytes_ + side_workspace_bytes_; }
  size_t packed_bytes() const { return packed_bytes_; }
  size_t nodes() const { return steps_.size(); }
  /// Kernel names in running order: what will run, for profiles and tests.
  std::vector<std::string> kernel_names() const;

 private:
  void bind();
  void feed_bytes(Value input, DType dtype, const void* data, size_t bytes);
  void read_bytes(Value value, DType dtype, void* data, size_t bytes) const;
  void* address(int value) const;
  void choose_lanes();
  void choose_kernels();
  void allocate();
  std::string needs() const;
  Call call_of(const Step& step, Stream& stream) const;
  void run_step(const Step& step, Stream& stream) const;
  std::optional<size_t> place_packed(const Node& node, const Step& step, const std::vector<Desc>& descs);
  void gather_packing();
  void pack() const;
  void run_list(const Settled& settled) const;
  void before_run();
  bool runs_as_one();
  void after_run() const;

  Backend& backend_;
  Buffers buffers_;
  ProgramOptions options_;
  std::vector<ValueInfo> values_;
  std::vector<Node> live_nodes_;
  Lanes lanes_;  // empty: one
  Plan plan_;
  std::vector<Step> steps_;
  std::shared_ptr<Arena> arena_;
  std::vector<Memory> blocks_;  // unplanned: one per block
  Memory inputs_, workspace_, side_workspace_, packed_;
  std::map<void (*)(std::span<const PackCall>), std::vector<PackCall>> packing_;  // what a function does at once
  std::optional<uint64_t> packed_version_;  // none: not packed yet
  std::vector<size_t> input_offset_;  // by value id
  void* bound_to_ = nullptr;
  int binding_ = 0;
  bool ran_ = false, recordable_;  // ran_: since addresses were given out
  std::unique_ptr<Recording> recording_;
  int threads_;  // that its workspace holds scratch for
  mutable SoleUse use_;
  size_t workspace_bytes_ = 0, side_workspace_bytes_ = 0, packed_bytes_ = 0;
};

}  // namespace lineament
