// How rows are dealt to blocks that meet: every row once, no more blocks than run at once, no more memory than a block may have.
#include "kernels/cuda/meeting.h"

#include <doctest/doctest.h>

using namespace lineament;

TEST_CASE("rows: blocks that meet take every row and every channel, and all run at once") {
  struct Device {
    int multiprocessors, shared_bytes;
  };
  for (const Device& device : {Device{132, 227 << 10}, {108, 163 << 10}, {28, 99 << 10}, {6, 48 << 10}})
    for (int64_t rows : {1, 2, 97, 4096, 64 * 48 * 48, 256 * 96 * 96})
      for (int64_t channels : {4, 8, 20, 24, 56, 104, 64, 72, 256, 1032, 2048, 3840})
        for (int pack : {4, 8})
          for (int tensors : {1, 2, 3}) {
            if (channels % pack) continue;
            CAPTURE(device.multiprocessors);
            CAPTURE(rows);
            CAPTURE(channels);
            CAPTURE(pack);
            CAPTURE(tensors);
            CudaContext context;
            context.multiprocessors = device.multiprocessors;
            context.shared_bytes = device.shared_bytes;
            const MeetingCut cut(context, rows, channels, pack, tensors);
            CHECK(cut.threads() <= kMeetingThreads);
            CHECK(cut.threads() >= 2 * cut.width());
            CHECK(cut.part_rows % cut.at_once == 0);
            CHECK((cut.vectors_at() % pack == 0 && cut.own_floats() % pack == 0));  // what is read at once
            CHECK(cut.parts * cut.part_rows >= rows);
            CHECK((cut.parts - 1) * cut.part_rows < rows);
            CHECK(int64_t{cut.chunks} * cut.width() >= channels);
            CHECK(int64_t{cut.chunks - 1} * cut.width() < channels);
            if (!cut.fits(context)) {
              CHECK(channels > kMostMeetingLanes * pack * device.multiprocessors);
              continue;
            }
            CHECK(static_cast<int>(cut.blocks()) <= device.multiprocessors);
            CHECK(cut.shared_bytes(tensors) <= static_cast<size_t>(device.shared_bytes));
            CHECK(cut.held <= cut.part_rows / cut.at_once);
            if (rows >= 64 * 48 * 48) CHECK(static_cast<int>(cut.blocks()) > device.multiprocessors / 2);
          }
}

namespace {

/// Each block adds its number to a sum, waits for the others, and writes down the sum it then sees.
__global__ void add_and_look(unsigned* tickets, unsigned* sum, unsigned* seen, int blocks) {
  after_previous_kernel();
  if (threadIdx.x == 0) atomicAdd(sum, blockIdx.x + 1);
  meet(tickets, blocks);
  if (threadIdx.x == 0) seen[blockIdx.x] = *sum;
}

}  // namespace

TEST_CASE("emulator: blocks that meet see what all the others wrote, and leave their tickets as they were") {
  for (const auto order : {cuda_on_host::Order::forward, cuda_on_host::Order::backward}) {
    cuda_on_host::order = order;
    unsigned tickets[2] = {}, left[2] = {}, sum = 0, seen[5] = {};
    for (int time = 0; time < 2; ++time) cuda_on_host::run_at_once(add_and_look, 5, 64, 0, tickets, &sum, seen, 5);
    for (unsigned s : seen) CHECK(s == 30);
    CHECK(tickets[0] + tickets[1] == 0);
    CHECK_THROWS_AS(cuda_on_host::run_at_once(add_and_look, 5, 64, 0, left, &sum, seen, 6), RunError);
    CHECK_THROWS_AS(cuda_on_host::run(add_and_look, 5, 64, left, &sum, seen, 7), RunError);
  }
  cuda_on_host::order = cuda_on_host::Order::forward;
}
