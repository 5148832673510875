// The emulator tells right kernels from wrong ones; and no kernel's result depends on the order of its
// threads.
#include <doctest/doctest.h>

#include <algorithm>

#include "cuda_runtime.h"
#include "kernels/cuda/context.h"
#include "tests/cuda/update_trials.h"

using namespace lineament;
using namespace lineament::test;
using cuda_on_host::Order;

namespace {

struct Reversed {
  Reversed() { cuda_on_host::order = Order::backward; }
  ~Reversed() { cuda_on_host::order = Order::forward; }
};

__global__ void reverse_block(const int* x, int* y, bool with_barrier) {
  __shared__ int held[64];
  held[threadIdx.x] = x[blockIdx.x * 64 + threadIdx.x];
  if (with_barrier) __syncthreads();
  y[blockIdx.x * 64 + threadIdx.x] = held[63 - threadIdx.x];
  __syncthreads();
}

__global__ void sum_warps(const int* x, int* y) {
  int sum = x[threadIdx.x + blockDim.x * threadIdx.y];
  for (int lanes = 16; lanes > 0; lanes /= 2) sum += __shfl_xor_sync(0xffffffffu, sum, lanes);
  int first = x[threadIdx.x + blockDim.x * threadIdx.y];
  for (unsigned lanes = 16; lanes > 0; lanes /= 2) first += __shfl_down_sync(0xffffffffu, first, lanes);
  __syncthreads();
  y[threadIdx.x + blockDim.x * threadIdx.y] = threadIdx.x % 32 == 0 ? first + sum : sum;
}

__global__ void half_waits() {
  if (threadIdx.x < 16) __syncthreads();
}
__global__ void some_lanes() {
  if (threadIdx.x < 40) __shfl_xor_sync(0xffffffffu, 1, 1);
}

std::vector<int> counted(size_t n) {
  std::vector<int> x(n);
  for (size_t i = 0; i < n; ++i) x[i] = static_cast<int>(i);
  return x;
}

/// Bits of all that the nodes of a row write, with every kernel.
std::vector<std::byte> bits_of(const std::vector<NodeTrial>& nodes) {
  std::vector<std::byte> bits;
  for (const NodeTrial& node : nodes)
    for (KernelList kernel = node.op.cuda; kernel->name; ++kernel)
      if (node.takes(*kernel))
        for (const HostTensor& t : node.run(cuda_backend(), *kernel, node.can_run_in_place()))
          bits.insert(bits.end(), t.bytes.begin(), t.bytes.end());
  return bits;
}

void compare_orders(const std::vector<NodeTrial>& nodes) {
  const auto forward = bits_of(nodes);
  const Reversed reversed;
  CHECK(bits_of(nodes) == forward);
  const unsigned* tickets = static_cast<CudaContext*>(cuda_backend().stream().handle)->tickets;
  CHECK(std::count(tickets, tickets + kTickets, 0u) == kTickets);
}

void compare_orders(const std::vector<OpCase>& rows, bool bf16) {
  for (const OpCase& row : rows) {
    CAPTURE(row.name);
    compare_orders(node_trials(row, bf16));
  }
}

}  // namespace

TEST_CASE("emulator: barriers hold the threads of a block together, and a missing one shows") {
  const std::vector<int> x = counted(3 * 64);
  std::vector<int> expected(x.size());
  for (size_t i = 0; i < x.size(); ++i) expected[i] = x[i / 64 * 64 + 63 - i % 64];
  const auto run = [&](bool with_barrier) {
    std::vector<int> y(x.size());
    cuda_on_host::run(reverse_block, 3, 64, x.data(), y.data(), with_barrier);
    return y;
  };
  CHECK(run(true) == expected);
  const std::vector<int> racing = run(false);
  const Reversed reversed;
  CHECK(run(true) == expected);
  CHECK(run(false) != racing);
}

TEST_CASE("emulator: lanes of a warp exchange what they hold") {
  const std::vector<int> x = counted(8 * 12);
  std::vector<int> y(x.size());
  for (Order order : {Order::forward, Order::backward}) {
    cuda_on_host::order = order;
    cuda_on_host::run(sum_warps, 1, dim3(8, 12), x.data(), y.data());
    cuda_on_host::order = Order::forward;
    for (int warp = 0; warp < 3; ++warp)
      CHECK(y[static_cast<size_t>(warp) * 32 + 1] == 32 * (32 * warp) + 496);
    CHECK(y[32] == 2 * (32 * 32 + 496));
  }
}

TEST_CASE("emulator: threads that miss a barrier or an exchange are told of") {
  CHECK_THROWS_WITH_AS(cuda_on_host::run(half_waits, 2, 32),
                       "block 0 0 0: 16 threads wait at a barrier, the other 16 have ended", RunError);
  CHECK_THROWS_WITH_AS(cuda_on_host::run(some_lanes, 2, 64),
                       "block 0 0 0: 8 lanes of warp 1 are at an exchange, the others elsewhere", RunError);
  CHECK_THROWS_AS(cuda_on_host::run(some_lanes, 0, 64), RunError);
  CHECK_THROWS_AS(cuda_on_host::run(some_lanes, 1, 1056), RunError);
}

TEST_CASE("order: elementwise kernels give the same bits with their threads turned round") {
  for (bool bf16 : {false, true}) compare_orders(elementwise_cases(), bf16);
  compare_orders(update_trials(5003));
}
TEST_CASE("order: spatial kernels in f32 give the same bits with their threads turned round") {
  compare_orders(spatial_cases(), false);
}
TEST_CASE("order: spatial kernels in bf16 give the same bits with their threads turned round") {
  compare_orders(spatial_cases(), true);
}
