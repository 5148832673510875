// The bar takes what the numbers leave of the terminal's width.
#include "report/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

namespace lineament {

namespace {
constexpr std::chrono::milliseconds kBetweenDraws{100};
constexpr int kWidestBar = 40, kNarrowestBar = 5;
}  // namespace

std::string format_seconds(double seconds) {
  if (!(seconds >= 0 && seconds < 1e9)) return "?";
  const auto s = static_cast<long>(std::lround(seconds));
  if (s < 3600) return fmt::format("{}:{:02}", s / 60, s % 60);
  return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

std::string progress_line(const ProgressView& view, int width) {
  const std::string left = fmt::format("epoch {}/{} ", view.epoch, view.epochs);
  std::string right = fmt::format(" loss {:.5g}", view.loss);
  if (view.images_per_second > 0)
    right +=
        fmt::format("  {:.0f} images/s  {} left", view.images_per_second, format_seconds(view.seconds_left));

  const int room = std::min(kWidestBar, width - static_cast<int>(left.size() + right.size()) - 2);
  std::string bar;
  if (room >= kNarrowestBar) {
    const double share =
        view.total ? static_cast<double>(std::min(view.done, view.total)) / static_cast<double>(view.total)
                   : 0;
    const auto filled = static_cast<size_t>(share * room);
    bar =
        fmt::format("[{}{}]", std::string(filled, '='), std::string(static_cast<size_t>(room) - filled, ' '));
  }
  std::string line = left + bar + right;
  line.resize(std::min(line.size(), static_cast<size_t>(std::max(width, 0))));
  return line;
}

Progress::Progress(std::FILE* out, int epochs, size_t images_per_epoch, int first_epoch)
    : out_(out),
      terminal_(isatty(fileno(out)) == 1),
      epochs_(epochs),
      first_epoch_(first_epoch),
      epoch_(first_epoch),
      images_per_epoch_(images_per_epoch),
      start_(Clock::now()),
      last_draw_(start_ - kBetweenDraws) {}

Progress::~Progress() {
  clear();
  std::fflush(out_);
}

void Progress::batch(size_t images_done, double loss) {
  if (!terminal_) return;
  const auto now = Clock::now();
  if (now - last_draw_ < kBetweenDraws) return;
  last_draw_ = now;

  const double seconds = std::chrono::duration<double>(now - start_).count();
  const double per_epoch = static_cast<double>(images_per_epoch_);
  const double done = (epoch_ - first_epoch_) * per_epoch + static_cast<double>(images_done);
  const double speed = seconds > 0 ? done / seconds : 0;
  const double to_do = (epochs_ - first_epoch_ + 1) * per_epoch - done;
  const std::string line = progress_line({.epoch = epoch_,
                                          .epochs = epochs_,
                                          .done = images_done,
                                          .total = images_per_epoch_,
                                          .loss = loss,
                                          .images_per_second = speed,
                                          .seconds_left = speed > 0 ? to_do / speed : 0},
                                         columns() - 1);  // the last column would wrap
  fmt::print(out_, "\r{}\x1b[K", line);
  std::fflush(out_);
  drawn_ = true;
}

void Progress::end_epoch(const std::string& line) {
  say(line);
  ++epoch_;
}

void Progress::say(const std::string& line) {
  clear();
  fmt::print(out_, "{}\n", line);
  std::fflush(out_);
}

void Progress::clear() {
  if (drawn_) fmt::print(out_, "\r\x1b[K");
  drawn_ = false;
}

int Progress::columns() const {
  winsize size{};
  return ioctl(fileno(out_), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace lineament
