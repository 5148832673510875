// The order between the main and the side stream: batches of side work, an event behind each, recorded or not.
#pragma once
#include <deque>
#include <vector>

#include "kernels/cuda/context.h"

struct CUevent_st;

namespace lineament {

/// Invariant: what is not awaited yet has its event in ends_, but for the batch that is still open.
class SideLane {
 public:
  /// Both streams are there, and stay.
  SideLane(const CudaContext& main, const CudaContext& side) : main_(main), side_(side) {}
  SideLane(const SideLane&) = delete;
  SideLane& operator=(const SideLane&) = delete;

  /// Backend::fork and Backend::await_side. A fork takes the side stream into what the main one records.
  void fork();
  void await(int behind);
  /// Lets go of batches that nobody can wait for: those of a recording that came to nothing.
  void forget();

 private:
  void end_batch();
  CUevent_st* spare_event();

  const CudaContext &main_, &side_;
  std::deque<CUevent_st*> ends_;    // of batches, the oldest first
  std::vector<CUevent_st*> spare_;  // to be recorded anew: a wait asked for keeps to what the event stood for then
  bool open_ = false;
};

}  // namespace lineament
