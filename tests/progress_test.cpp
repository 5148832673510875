// The progress line fits its terminal; a pipe sees whole lines alone.
#include "report/progress.h"

#include <doctest/doctest.h>

#include "tests/support.h"

using namespace lineament;

TEST_CASE("the line tells epoch, loss, speed and time left, and fits any width") {
  const ProgressView view = {.epoch = 3,
                             .epochs = 100,
                             .done = 500,
                             .total = 1000,
                             .loss = 0.012345678,
                             .images_per_second = 812.4,
                             .seconds_left = 245};
  CHECK(progress_line(view, 79) ==
        "epoch 3/100 [=============             ] loss 0.012346  812 images/s  4:05 left");
  CHECK(progress_line(view, 55) == "epoch 3/100  loss 0.012346  812 images/s  4:05 left");
  for (int width = 0; width < 200; ++width)
    CHECK(progress_line(view, width).size() <= static_cast<size_t>(width));
}

TEST_CASE("more images than expected fill the bar and no more, and none expected leave it empty") {
  CHECK(progress_line({.done = 9, .total = 3}, 60).find("[========") != std::string::npos);
  CHECK(progress_line({.done = 9, .total = 0}, 60).find('=') == std::string::npos);
}

TEST_CASE("seconds read as people write them") {
  CHECK(format_seconds(0) == "0:00");
  CHECK(format_seconds(7.4) == "0:07");
  CHECK(format_seconds(59.6) == "1:00");
  CHECK(format_seconds(765) == "12:45");
  CHECK(format_seconds(3 * 3600 + 129) == "3:02:09");
  CHECK(format_seconds(1.0 / 0.0) == "?");
  CHECK(format_seconds(-1) == "?");
}

TEST_CASE("in a pipe there is one plain line an epoch and no bar") {
  const test::TemporaryFolder folder;
  std::FILE* out = std::fopen((folder / "out").c_str(), "w");
  {
    Progress progress(out, 2, 100);
    progress.say("before");
    for (int epoch = 1; epoch <= 2; ++epoch) {
      for (size_t done = 10; done <= 100; done += 10) progress.batch(done, 1.0);
      progress.end_epoch("epoch " + std::to_string(epoch));
    }
  }
  std::fclose(out);
  CHECK(test::read_text(folder / "out") == "before\nepoch 1\nepoch 2\n");
}
