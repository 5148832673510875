// One thread reads and inflates blocks while another parses them.
#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "data/formats/archive.h"

namespace lineament {
namespace {

constexpr size_t kBlockBytes = size_t{1}
                               << 18;  // stays in the second-level cache on its way from thread to thread
constexpr size_t kBlocksAhead = 8;

/// Invariant: blocks_ holds what was read and not yet asked for, in order; an empty block or error_ ends it.
class Pipe {
 public:
  explicit Pipe(TextStream source)
      : source_(std::move(source)), reader_([this](std::stop_token stop) { fill(stop); }) {}

  size_t read(std::span<char> into) {
    if (taken_ == front_.size() && !finished_) take_block();
    const size_t count = std::min(into.size(), front_.size() - taken_);
    std::memcpy(into.data(), front_.data() + taken_, count);
    taken_ += count;
    return count;
  }

 private:
  void take_block() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !blocks_.empty() || error_; });
    if (blocks_.empty()) std::rethrow_exception(error_);
    front_ = std::move(blocks_.front());
    blocks_.pop_front();
    changed_.notify_all();
    taken_ = 0;
    finished_ = front_.empty();
  }

  void fill(std::stop_token stop) {
    try {
      for (bool more = true; more && !stop.stop_requested();) {
        std::vector<char> block(kBlockBytes);
        block.resize(source_.read(block));
        more = !block.empty();
        std::unique_lock lock(mutex_);
        if (!changed_.wait(lock, stop, [&] { return blocks_.size() < kBlocksAhead; })) return;
        blocks_.push_back(std::move(block));
        changed_.notify_all();
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      error_ = std::current_exception();
      changed_.notify_all();
    }
  }

  TextStream source_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::vector<char>> blocks_;
  std::exception_ptr error_;
  std::vector<char> front_;  // the block being handed out
  size_t taken_ = 0;         // how much of it is gone
  bool finished_ = false;
  std::jthread reader_;  // last: stopped and joined before anything it uses goes
};

}  // namespace

TextStream read_ahead(TextStream source) {
  std::string name = source.name;
  auto pipe = std::make_shared<Pipe>(std::move(source));
  return {std::move(name), [pipe](std::span<char> into) { return pipe->read(into); }};
}

}  // namespace lineament
