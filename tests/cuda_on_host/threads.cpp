// The threads of a block as fibers: each runs until it waits at a barrier or ends, then the next has its
// turn. A fiber whose thread ends without waiting runs the next thread itself, so kernels without barriers
// never switch. Blocks run one after another, or, where they wait for each other, in turns.
#undef _FORTIFY_SOURCE  // its longjmp refuses to enter another stack
#include <sys/mman.h>
#include <ucontext.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <memory>
#include <vector>

#include "base/check.h"
#include "cuda_runtime.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

namespace {

using lineament::fail_run;

enum class Wait { none, block, warp, others, idle };  // others: other blocks; idle: no thread is left for this fiber

struct Fiber {
  static constexpr size_t kStack = 256 << 10;  // most of it never touched
  static constexpr size_t kGuard = 64 << 10;   // whole pages, whatever their size

  jmp_buf here;
  ucontext_t entry;
  bool begun = false;
  Wait wait = Wait::idle;
  unsigned thread = 0;
  unsigned exchanges = 0;
  std::byte* stack;

  Fiber() {
    void* memory = mmap(nullptr, kGuard + kStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) fail_run("no memory for the stack of a fiber");
    mprotect(memory, kGuard, PROT_NONE);  // a thread that overflows its stack is stopped there
    stack = static_cast<std::byte*>(memory) + kGuard;
  }
  Fiber(const Fiber&) = delete;
  ~Fiber() { munmap(stack - kGuard, kGuard + kStack); }
};

struct alignas(64) Line {
  std::array<uint64_t, 8> words;
};

struct Block {
  std::vector<std::unique_ptr<Fiber>> pool;  // kept from block to block
  std::vector<Fiber*> waiting;               // in the order in which their threads began
  uint3 index = {};
  unsigned begun = 0;
  std::vector<uint64_t> handed[2];  // by thread; two, as a fast lane may be at the next exchange already
  std::vector<Line> shared;         // what a launch asks for
};

std::vector<std::unique_ptr<Block>> blocks_in_turn(1);  // kept from launch to launch
Block* block = nullptr;                                 // whose turn it is
const std::function<void()>* thread_of_launch = nullptr;
unsigned block_size = 0;

Fiber* current = nullptr;
jmp_buf scheduler;

#ifdef __SANITIZE_ADDRESS__
const void* main_stack = nullptr;
size_t main_stack_bytes = 0;
void leave_for(const Fiber* fiber) {
  void* none = nullptr;
  __sanitizer_start_switch_fiber(&none, fiber ? fiber->stack : main_stack,
                                 fiber ? Fiber::kStack : main_stack_bytes);
}
void arrived_in_fiber() { __sanitizer_finish_switch_fiber(nullptr, &main_stack, &main_stack_bytes); }
void arrived_in_scheduler() { __sanitizer_finish_switch_fiber(nullptr, nullptr, nullptr); }
#else
void leave_for(const Fiber*) {}
void arrived_in_fiber() {}
void arrived_in_scheduler() {}
#endif

void place(unsigned thread) {
  threadIdx = {thread % blockDim.x, thread / blockDim.x % blockDim.y, thread / blockDim.x / blockDim.y};
}

void suspend(Wait wait) {
  current->wait = wait;
  if (_setjmp(current->here) == 0) {
    leave_for(nullptr);
    _longjmp(scheduler, 1);
  }
  arrived_in_fiber();
}

void resume(Fiber& fiber) {
  current = &fiber;
  if (_setjmp(scheduler) == 0) {
    place(current->thread);
    leave_for(current);
    if (current->begun) _longjmp(current->here, 1);
    current->begun = true;
    setcontext(&current->entry);
  }
  arrived_in_scheduler();
}

void run_threads() {
  arrived_in_fiber();
  for (;;) {
    while (block->begun < block_size) {
      const unsigned turn = block->begun++;
      current->thread = cuda_on_host::order == cuda_on_host::Order::forward ? turn : block_size - 1 - turn;
      current->exchanges = 0;
      current->wait = Wait::none;
      place(current->thread);
      (*thread_of_launch)();
    }
    suspend(Wait::idle);
  }
}

/// While threads of a block begin, those that wait hold the first fibers of the pool.
Fiber& idle_fiber() {
  if (block->waiting.size() < block->pool.size()) return *block->pool[block->waiting.size()];
  Fiber& fiber = *block->pool.emplace_back(std::make_unique<Fiber>());
  getcontext(&fiber.entry);
  fiber.entry.uc_stack.ss_sp = fiber.stack;
  fiber.entry.uc_stack.ss_size = Fiber::kStack;
  fiber.entry.uc_link = nullptr;
  makecontext(&fiber.entry, run_threads, 0);
  return fiber;
}

bool waits_for_others() {
  return std::any_of(block->waiting.begin(), block->waiting.end(), [](const Fiber* f) { return f->wait == Wait::others; });
}

/// Lets those go on for whom all have come: those that look at other blocks first, then whole warps, else the whole block.
void release() {
  unsigned in_warps = 0;
  const bool look = waits_for_others();
  std::vector<unsigned> arrived((block_size + 31) / 32);
  for (const Fiber* fiber : block->waiting)
    if (fiber->wait == Wait::warp) ++arrived[fiber->thread / 32], ++in_warps;
  if (!look) {
    for (size_t w = 0; w < arrived.size(); ++w)
      if (arrived[w] != 0 && arrived[w] != 32)
        fail_run("block {} {} {}: {} lanes of warp {} are at an exchange, the others elsewhere", blockIdx.x,
                 blockIdx.y, blockIdx.z, arrived[w], w);
    if (in_warps == 0 && block->waiting.size() != block_size)
      fail_run("block {} {} {}: {} threads wait at a barrier, the other {} have ended", blockIdx.x, blockIdx.y,
               blockIdx.z, block->waiting.size(), block_size - block->waiting.size());
  }
  for (Fiber* fiber : block->waiting)
    if (look ? fiber->wait == Wait::others : in_warps == 0 || fiber->wait == Wait::warp) fiber->wait = Wait::none;
}

/// Runs the threads of a block until all of them wait or have ended.
void begin_block(Block& turn, uint3 index) {
  block = &turn;
  block->index = blockIdx = index;
  block->begun = 0;
  block->waiting.clear();
  while (block->begun < block_size) {
    Fiber& fiber = idle_fiber();
    resume(fiber);
    if (fiber.wait != Wait::idle) block->waiting.push_back(&fiber);
  }
}

/// Lets a block go on to where its threads wait next.
void go_on(Block& turn) {
  block = &turn;
  blockIdx = block->index;
  release();
  for (Fiber* fiber : block->waiting)
    if (fiber->wait == Wait::none) resume(*fiber);
  std::erase_if(block->waiting, [](const Fiber* fiber) { return fiber->wait == Wait::idle; });
}

unsigned own_thread() { return threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z); }

/// `count` blocks with room for what a launch asks for.
void make_blocks(size_t count, size_t shared_bytes) {
  if (blocks_in_turn.size() < count) blocks_in_turn.resize(count);
  for (size_t b = 0; b < count; ++b) {
    if (!blocks_in_turn[b] || !blocks_in_turn[b]->waiting.empty())
      blocks_in_turn[b] = std::make_unique<Block>();  // the first launch, or one before that failed in the middle
    for (auto& handed : blocks_in_turn[b]->handed) handed.assign(block_size, 0);
    Line nan;  // as floats
    nan.words.fill(~uint64_t{0});
    blocks_in_turn[b]->shared.assign((shared_bytes + sizeof(Line) - 1) / sizeof(Line), nan);
  }
}

uint3 index_of(uint64_t b, dim3 blocks) {
  return {static_cast<unsigned>(b % blocks.x), static_cast<unsigned>(b / blocks.x % blocks.y),
          static_cast<unsigned>(b / blocks.x / blocks.y)};
}

void prepare(dim3 blocks, dim3 threads, const std::function<void()>& thread) {
  const uint64_t size = uint64_t{threads.x} * threads.y * threads.z;
  const uint64_t count = uint64_t{blocks.x} * blocks.y * blocks.z;
  if (size == 0 || size > 1024 || threads.z > 64 || count == 0 || blocks.x > 0x7fffffffu ||
      blocks.y > 65535 || blocks.z > 65535)
    fail_run("launch of {}x{}x{} blocks of {}x{}x{} threads: no GPU takes these", blocks.x, blocks.y,
             blocks.z, threads.x, threads.y, threads.z);
  thread_of_launch = &thread;
  block_size = static_cast<unsigned>(size);
  blockDim = threads;
  gridDim = blocks;
}

}  // namespace

void __syncthreads() { suspend(Wait::block); }
void __syncwarp(unsigned) { suspend(Wait::warp); }

namespace cuda_on_host {

int lane() { return static_cast<int>(own_thread() % 32); }

uint64_t exchange(uint64_t mine, int from) {
  std::vector<uint64_t>& handed = block->handed[current->exchanges++ % 2];
  const unsigned thread = own_thread();
  handed[thread] = mine;
  suspend(Wait::warp);
  return from >= 0 && from < 32 ? handed[thread / 32 * 32 + static_cast<unsigned>(from)] : mine;
}

void* shared_memory() { return block->shared.data(); }
void look_again() { suspend(Wait::others); }

void run_blocks(dim3 blocks, dim3 threads, const std::function<void()>& thread) {
  prepare(blocks, threads, thread);
  make_blocks(1, 0);
  Block& only = *blocks_in_turn[0];
  const uint64_t count = uint64_t{blocks.x} * blocks.y * blocks.z;
  for (uint64_t i = 0; i < count; ++i) {
    begin_block(only, index_of(order == Order::forward ? i : count - 1 - i, blocks));
    while (!only.waiting.empty()) {
      if (waits_for_others()) fail_run("block {}: waits for other blocks, which do not run at once", blockIdx.x);
      go_on(only);
    }
  }
}

void run_at_once(dim3 blocks, dim3 threads, size_t shared_bytes, const std::function<void()>& thread) {
  prepare(blocks, threads, thread);
  const uint64_t count = uint64_t{blocks.x} * blocks.y * blocks.z;
  make_blocks(count, shared_bytes);
  const auto block_at = [&](uint64_t i) { return order == Order::forward ? i : count - 1 - i; };
  for (uint64_t i = 0; i < count; ++i) begin_block(*blocks_in_turn[block_at(i)], index_of(block_at(i), blocks));
  constexpr int kMostTurns = 10000;  // a block that still waits then waits for ever
  for (int turn = 0; turn < kMostTurns; ++turn) {
    bool all_ended = true;
    for (uint64_t i = 0; i < count; ++i) {
      Block& next = *blocks_in_turn[block_at(i)];
      if (next.waiting.empty()) continue;
      go_on(next);
      all_ended = false;
    }
    if (all_ended) return;
  }
  fail_run("blocks wait for each other for ever");
}

}  // namespace cuda_on_host
