// What one thread at a time may use notices a second one.
#pragma once
#include <atomic>

#include "base/check.h"

namespace lineament {

class SoleUse {
 public:
  /// A thread's turn, until it is destroyed.
  class Turn {
   public:
    Turn(const Turn&) = delete;
    ~Turn() { taken_.store(false, std::memory_order_release); }

   private:
    friend SoleUse;
    explicit Turn(std::atomic<bool>& taken) : taken_(taken) {}
    std::atomic<bool>& taken_;
  };

  /// RunError while another has its turn: "a predictor answers one thread at a time: give each thread its own".
  [[nodiscard]] Turn take(const char* refusal) {
    if (taken_.exchange(true, std::memory_order_acquire)) fail_run("{}", refusal);
    return Turn(taken_);
  }

 private:
  std::atomic<bool> taken_ = false;
};

}  // namespace lineament
