// How a training tells how far it is: a line redrawn in place on a terminal, a line an epoch in a pipe.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>

namespace lineament {

/// What the bar shows; `done` and `total` are images of this epoch.
struct ProgressView {
  int epoch = 1, epochs = 1;  // from 1
  size_t done = 0, total = 0;
  double loss = 0;
  double images_per_second = 0;  // 0: not known yet
  double seconds_left = 0;       // of the whole training
};

/// "epoch 3/100 [=====>    ] loss 0.0123  812 images/s  4:05 left",
/// at most `width` columns: the bar shrinks first.
std::string progress_line(const ProgressView& view, int width);
/// "0:07", "12:45", "3:02:09"
std::string format_seconds(double seconds);

/// Draws at most ten times a second, and only on a terminal.
class Progress {
 public:
  /// `first_epoch`, from 1, is later than 1 where a training is resumed.
  Progress(std::FILE* out, int epochs, size_t images_per_epoch, int first_epoch = 1);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// After each batch: images of this epoch so far, and their mean loss.
  void batch(size_t images_done, double loss);
  /// Clears the bar, prints `line`, goes on to the next epoch.
  void end_epoch(const std::string& line);
  /// A line above the bar, in a pipe too.
  void say(const std::string& line);

 private:
  using Clock = std::chrono::steady_clock;
  void clear();
  int columns() const;

  std::FILE* out_;
  bool terminal_;
  bool drawn_ = false;
  int epochs_, first_epoch_, epoch_;
  size_t images_per_epoch_;
  Clock::time_point start_, last_draw_;
};

}  // namespace lineament
