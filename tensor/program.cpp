#include "tensor/program.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>
#include <set>

#include "tensor/fuse.h"
#include "tensor/op_call.h"

namespace lineament {
namespace {

std::vector<Desc> descs_of(const std::vector<View>& in, const std::vector<View>& out) {
  std::vector<Desc> descs;
  for (const View& v : in) descs.push_back(v.desc);
  for (const View& v : out) descs.push_back(v.desc);
  return descs;
}

bool is_finite(const View& view, std::span<const std::byte> bytes) {
  auto all = [&](auto zero) {
    using T = decltype(zero);
    for (size_t i = 0; i < view.desc.elements(); ++i) {
      T x;
      std::memcpy(&x, bytes.data() + i * sizeof(T), sizeof(T));
      if (!std::isfinite(static_cast<double>(x))) return false;
    }
    return true;
  };
  if (view.desc.dtype == DType::f32) return all(float{});
  if (view.desc.dtype == DType::f64) return all(double{});
  if (view.desc.dtype == DType::bf16) return all(bfloat16{});
  return true;
}

/// Formats nothing while all is well: it runs between the steps of a training, which allocate nothing.
void expect_bytes(const ValueInfo& v, DType dtype, size_t bytes, const char* verb) {
  if (v.desc.dtype == dtype && v.desc.bytes() == bytes) return;
  check(false, "{}: {} as {} bytes of {}, it is {}", v.name, verb, bytes, name_of(dtype), to_string(v.desc));
}

constexpr const char* kRefusal = "a program runs on one thread at a time: give each thread its own";
constexpr size_t kGuardBytes = 64;  // behind each unplanned block
constexpr int kPoison = 0xFF;       // as floats: NaN

}  // namespace

Program::Program(const Graph& graph, Backend& backend, const Buffers& buffers, const ProgramOptions& options,
                 std::shared_ptr<Arena> arena)
    : backend_(backend),
      buffers_(buffers),
      options_(options),
      values_(graph.values()),
      live_nodes_(live_nodes(graph)),
      arena_(arena ? std::move(arena) : std::make_shared<Arena>(backend)),
      inputs_(backend),
      workspace_(backend),
      side_workspace_(backend),
      packed_(backend),
      recordable_(options.planned && !options.poison),  // else memory is filled and looked at around each run
      threads_(options.threads > 0 ? options.threads : threads()) {
  const ThreadsScope scope(threads_);  // kernels ask for scratch for each
  backend_.expect_precision(options_.precision);
  fuse(live_nodes_, values_, backend_.fusions());
  if (options_.precision == Precision::bf16) narrow_to_bf16(live_nodes_, values_);
  choose_lanes();
  plan_ = plan_memory(live_nodes_, values_, lanes_.reads_until);
  choose_kernels();
  try {
    allocate();
  } catch (const RunError& error) {
    throw RunError(fmt::format("{}; {}", error.what(), needs()));
  }
  bind();
}

/// Two where steps need not be looked at one by one and the backend can.
void Program::choose_lanes() {
  if (!options_.side || !recordable_) return;
  const Lanes lanes = find_lanes(live_nodes_, values_);
  if (std::ranges::find(lanes.side, true) == lanes.side.end() || !backend_.side_stream()) return;
  bring_side_nodes_forward(live_nodes_, values_);
  lanes_ = find_lanes(live_nodes_, values_);
}

void Program::choose_kernels() {
  for (Node& node : live_nodes_) {
    node.params = node.params.with(numerics_of(options_.precision, options_.deterministic));
    Step step{.kernel = nullptr, .op = node.op, .params = node.params, .label = node.label, .in = {}, .out = {}};
    for (int id : node.in) step.in.push_back({values_[id].desc});
    for (int id : node.out) step.out.push_back({values_[id].desc});
    const std::vector<Desc> descs = descs_of(step.in, step.out);
    step.kernel = choose_kernel(backend_, *node.op, descs, node.params, options_.kernel, options_.reference);
    step.side = !lanes_.side.empty() && lanes_.side[steps_.size()];
    size_t& workspace = step.side ? side_workspace_bytes_ : workspace_bytes_;
    if (step.kernel->workspace) workspace = std::max(workspace, step.kernel->workspace(descs, node.params));
    step.packed_at = place_packed(node, step, descs);
    steps_.push_back(std::move(step));
  }
}

void Program::allocate() {
  size_t input_bytes = 0;
  input_offset_.assign(values_.size(), 0);
  for (size_t id = 0; id < values_.size(); ++id) {
    if (values_[id].home != Home::input || values_[id].assigned_to >= 0) continue;
    input_offset_[id] = input_bytes;
    input_bytes += round_up(values_[id].desc.bytes());
  }
  // Asked before: a system that promises more memory than there is ends whoever writes to it.
  constexpr size_t kAlwaysThere = 100'000'000;  // not worth a look
  const bool grows = arena_->memory.bytes() < plan_.arena_bytes;
  const size_t wanted = input_bytes + workspace_bytes() + packed_bytes_ + (grows ? plan_.arena_bytes : 0);
  if (const size_t free = wanted < kAlwaysThere ? wanted : backend_.free_bytes();
      wanted > free && wanted - free > (grows ? arena_->memory.bytes() : 0))
    fail_input("out of memory: {:.1f} MB are free on {}; {}", static_cast<double>(free) / 1e6, backend_.name(), needs());

  inputs_.resize(input_bytes);
  backend_.fill(inputs_.data(), 0, input_bytes);

  if (options_.planned) {
    if (arena_->memory.bytes() < plan_.arena_bytes) arena_->memory.resize(plan_.arena_bytes);
  } else {
    for (const Block& block : plan_.blocks) {
      blocks_.emplace_back(backend_, block.bytes + kGuardBytes);
      backend_.fill(blocks_.back().data(), kPoison, block.bytes + kGuardBytes);
    }
  }
  workspace_.resize(workspace_bytes_);
  side_workspace_.resize(side_workspace_bytes_);
  packed_.resize(packed_bytes_);
}

/// For the message when memory is out: what the plan takes, and the batch that would fit where that can be said.
std::string Program::needs() const {
  const size_t scratch = workspace_bytes() + packed_bytes_, bytes = plan_.arena_bytes + scratch;
  std::string text =
      fmt::format("the program needs {:.1f} MB for what its layers make and {:.1f} MB to work in",
                  plan_.arena_bytes / 1e6, scratch / 1e6);
  const ValueInfo* largest = nullptr;
  for (size_t id = 0; id < values_.size(); ++id)
    if (plan_.block_of[id] >= 0 && (!largest || values_[id].desc.bytes() > largest->desc.bytes()))
      largest = &values_[id];
  const size_t more = backend_.free_bytes();  // than what it got before it failed; no limit where nobody knows
  if (!largest || largest->desc.shape.rank() == 0 || more >= bytes) return text;
  const size_t free = more + arena_->memory.bytes() + workspace_.bytes() + side_workspace_.bytes();
  const auto batch = static_cast<double>(largest->desc.shape[0]);
  const double share = std::min(1.0, static_cast<double>(free) / static_cast<double>(bytes));
  return text + fmt::format(" at a batch of {}; one of {} would fit", batch, static_cast<int64_t>(batch * share));
}

/// Where a step's parameters will lie packed: none if they are not. A gradient shares what its layer packs alike.
std::optional<size_t> Program::place_packed(const Node& node, const Step& step, const std::vector<Desc>& descs) {
  const Packing& packing = step.kernel->packing;
  const bool wanted = packing.bytes && (options_.keep_packed ? buffers_.version != nullptr : packing.each_run);
  if (!wanted || values_[node.in[1]].home != Home::parameters) return {};
  const size_t bytes = packing.bytes(descs, node.params);
  if (bytes == 0) return {};
  for (size_t n = 0; n < steps_.size(); ++n) {
    const Step& other = steps_[n];
    if (other.packed_at && other.kernel->packing.pack == packing.pack && live_nodes_[n].in[1] == node.in[1] &&
        other.params == step.params && other.in[0].desc.dtype == step.in[0].desc.dtype)
      return other.packed_at;
  }
  return std::exchange(packed_bytes_, packed_bytes_ + round_up(bytes));
}

void Program::gather_packing() {
  packing_.clear();
  std::set<size_t> places;
  for (const Step& step : steps_)
    if (step.packed_at && places.insert(*step.packed_at).second)
      packing_[step.kernel->packing.pack].push_back(
          {call_of(step, backend_.stream()), static_cast<std::byte*>(packed_.data()) + *step.packed_at});
}

void Program::pack() const {
  const ThreadsScope scope(threads_);
  for (const auto& [function, calls] : packing_) function(calls);
}

/// Nothing where a version says when to pack again.
void Program::pack_each_run() const {
  if (!options_.keep_packed) pack();
}

void* Program::address(int id) const {
  const ValueInfo& v = values_[id];
  if (v.assigned_to >= 0) return address(v.assigned_to);
  auto at = [&](void* base, size_t offset) -> void* {
    check(base != nullptr, "{}: its buffer was not given to the program", v.name);
    return static_cast<std::byte*>(base) + offset;
  };
  switch (v.home) {
    case Home::input: return at(inputs_.data(), input_offset_[id]);
    case Home::parameters: return at(buffers_.parameters, v.offset * size_of(v.desc.dtype));
    case Home::gradients: return at(buffers_.gradients, v.offset * size_of(v.desc.dtype));
    case Home::statistics: return at(buffers_.statistics, v.offset * size_of(v.desc.dtype));
    case Home::arena: break;
  }
  const int block = plan_.block_of[id];
  check(block >= 0, "{}: not computed by this program", v.name);
  return options_.planned ? at(arena_->memory.data(), plan_.blocks[block].offset) : blocks_[block].data();
}

void Program::bind() {
  for (size_t n = 0; n < steps_.size(); ++n) {
    for (size_t i = 0; i < live_nodes_[n].in.size(); ++i) steps_[n].in[i].data = address(live_nodes_[n].in[i]);
    for (size_t i = 0; i < live_nodes_[n].out.size(); ++i) steps_[n].out[i].data = address(live_nodes_[n].out[i]);
  }
  gather_packing();
  bound_to_ = arena_->memory.data();
  recording_.reset();  // of the addresses before
  ran_ = false;
  ++binding_;
}

int Program::binding() {
  if (bound_to_ != arena_->memory.data()) bind();  // another program made the shared arena larger
  return binding_;
}

Call Program::call_of(const Step& step, Stream& stream) const {
  const Memory& workspace = step.side ? side_workspace_ : workspace_;
  Call call{step.in, step.out, step.params, workspace.data(), stream};
  if (step.packed_at) call.packed = static_cast<const std::byte*>(packed_.data()) + *step.packed_at;
  return call;
}

void Program::run_step(const Step& step, Stream& stream) const {
  const ThreadsScope scope(threads_);
  try {
    step.kernel->run(call_of(step, stream));
  } catch (const RunError& error) {
    std::string shapes;
    for (const View& v : step.in) shapes += fmt::format(" {}", to_string(v.desc));
    shapes += " ->";
    for (const View& v : step.out) shapes += fmt::format(" {}", to_string(v.desc));
    throw RunError(fmt::format("{} ({}, {},{}): {}", step.label, step.op->name, step.kernel->name, shapes,
                               error.what()));
  }
}

void Program::run_calls(const Settled& settled) const {
  const SoleUse::Turn turn = use_.take(kRefusal);
  run_list(settled);
}

void Program::run_list(const Settled& settled) const {
  constexpr size_t kRanges = 12;  // that parameters settle in: more would be small ones, fewer would leave a long one to the end
  pack_each_run();
  bool beside = false;  // the last work was in the side lane
  size_t end = std::numeric_limits<size_t>::max();
  const size_t whole = lanes_.settled_from.empty() ? 0 : lanes_.settled_from[0];
  for (size_t s = 0; s < steps_.size(); ++s) {
    const Step& step = steps_[s];
    if (step.side && !beside) backend_.fork();
    if (!step.side && beside) backend_.await_side(kSideBatches);  // what Lanes::reads_until counts on
    run_step(step, step.side ? *backend_.side_stream() : backend_.stream());
    beside = step.side;
    if (!settled || whole == 0) continue;
    if (const size_t from = round_up(lanes_.settled_from[s]); from + whole / kRanges <= std::min(end, whole)) {
      backend_.fork();
      settled(*backend_.side_stream(), from, std::exchange(end, from));
      beside = true;
    }
  }
  backend_.await_side(0);
  if (settled && end > 0) settled(backend_.stream(), 0, end);
}

void Program::before_run() {
  binding();
  if (options_.poison) {
    if (options_.planned) backend_.fill(arena_->memory.data(), kPoison, plan_.arena_bytes);
    for (size_t b = 0; b < blocks_.size(); ++b) backend_.fill(blocks_[b].data(), kPoison, blocks_[b].bytes());
    backend_.fill(workspace_.data(), kPoison, workspace_bytes_);
  }
  if (options_.keep_packed && buffers_.version && packed_version_ != *buffers_.version) {
    pack();
    packed_version_ = *buffers_.version;
  }
}

void Program::after_run() const {
  for (size_t b = 0; b < blocks_.size(); ++b) {
    unsigned char guard[kGuardBytes];
    backend_.copy_out(guard, static_cast<std::byte*>(blocks_[b].data()) + plan_.blocks[b].bytes, kGuardBytes);
    for (unsigned char byte : guard) check(byte == kPoison, "a kernel wrote past the end of block {}", b);
  }
}

/// The first run is not recorded: libraries load what they need then.
bool Program::runs_as_one() {
  if (!recording_ && recordable_ && ran_) {
    recording_ = backend_.record([this] { run_list({}); });
    recordable_ = recording_ != nullptr;
  }
  ran_ = true;
  return recording_ != nullptr;
}

void Program::run() {
  const SoleUse::Turn turn = use_.take(kRefusal);
  before_run();
  if (runs_as_one())
    recording_->replay();
  else
    run_list({});
  after_run();
}

void Program::run(const std::function<void(const Step&, double seconds)>& watch) {
  using Clock = std::chrono::steady_clock;
  const SoleUse::Turn turn = use_.take(kRefusal);
  before_run();
  pack_each_run();
  backend_.synchronize();
  for (const Step& step : steps_) {
    const Clock::time_point begin = Clock::now();
    run_step(step);
    backend_.synchronize();
    watch(step, std::chrono::duration<double>(Clock::now() - begin).count());
  }
  after_run();
}

std::optional<std::string> Program::find_non_finite() {
  const SoleUse::Turn turn = use_.take(kRefusal);
  binding();
  std::vector<std::byte> host;
  auto finite = [&](const View& view) {
    host.resize(view.desc.bytes());
    backend_.copy_out(host.data(), view.data, host.size());
    return is_finite(view, host);
  };
  pack_each_run();
  for (const Step& step : steps_) {
    const bool inputs_finite = std::all_of(step.in.begin(), step.in.end(), finite);
    run_step(step);
    if (std::all_of(step.out.begin(), step.out.end(), finite)) continue;
    return fmt::format("{} ({}){}", step.label, step.op->name,
                       inputs_finite ? "" : ", whose inputs or parameters already were not finite");
  }
  return std::nullopt;
}

std::vector<std::string> Program::kernel_names() const {
  std::vector<std::string> names;
  for (const Step& step : steps_) names.emplace_back(step.kernel->name);
  return names;
}

void Program::feed_bytes(Value input, DType dtype, const void* data, size_t bytes) {
  const ValueInfo& v = values_[input.id];
  check(v.home == Home::input, "{}: fed, but not an input", v.name);
  expect_bytes(v, dtype, bytes, "fed");
  backend_.copy_in(address(input.id), data, bytes);
}

void Program::read_bytes(Value value, DType dtype, void* data, size_t bytes) const {
  const ValueInfo& v = values_[value.id];
  check(v.home != Home::arena || v.kept, "{}: read, but not kept", v.name);
  expect_bytes(v, dtype, bytes, "read");
  backend_.copy_out(data, address(value.id), bytes);
}

View Program::view(Value value) const {
  const ValueInfo& v = values_[value.id];
  check(v.home != Home::arena || v.kept, "{}: looked at, but not kept", v.name);
  return {v.desc, address(value.id)};
}

}  // namespace lineament
