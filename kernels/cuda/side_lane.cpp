#include "kernels/cuda/side_lane.h"

#include "kernels/cuda/errors.h"

namespace lineament {

cudaEvent_t SideLane::spare_event() {
  cudaEvent_t event = nullptr;
  if (spare_.empty()) {
    expect(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), main_, "cudaEventCreate");
  } else {
    event = spare_.back();
    spare_.pop_back();
  }
  return event;
}

void SideLane::fork() {
  end_batch();
  const cudaEvent_t here = spare_event();
  expect(cudaEventRecord(here, main_.stream), main_, "cudaEventRecord");
  expect(cudaStreamWaitEvent(side_.stream, here, 0), main_, "cudaStreamWaitEvent");
  spare_.push_back(here);
  open_ = true;
}

void SideLane::end_batch() {
  if (!open_) return;
  const cudaEvent_t end = spare_event();
  ends_.push_back(end);
  open_ = false;
  expect(cudaEventRecord(end, side_.stream), side_, "cudaEventRecord");
}

void SideLane::await(int behind) {
  end_batch();
  const auto kept = static_cast<size_t>(behind);
  if (ends_.size() <= kept) return;
  const cudaEvent_t last = ends_[ends_.size() - kept - 1];  // the stream's order: with it all before it
  expect(cudaStreamWaitEvent(main_.stream, last, 0), main_, "cudaStreamWaitEvent");
  for (; ends_.size() > kept; ends_.pop_front()) spare_.push_back(ends_.front());
}

void SideLane::forget() {
  spare_.insert(spare_.end(), ends_.begin(), ends_.end());
  ends_.clear();
  open_ = false;
}

}  // namespace lineament
