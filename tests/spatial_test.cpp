// What spatial ops refuse, where "same" puts its odd pixel, and that a pool loses no NaN.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "kernels/padding.h"
#include "tensor/program.h"

using namespace lineament;

namespace {

std::string refusal(auto&& build) {
  try {
    build();
  } catch (const std::logic_error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("same padding gives ceil(size / stride) positions and its odd pixel at the end") {
  struct Row {
    int size, taps, stride, positions, before, after;
  };
  for (auto [size, taps, stride, positions, before, after] :
       {Row{96, 3, 1, 96, 1, 1}, Row{96, 3, 2, 48, 0, 1}, Row{97, 3, 2, 49, 1, 1}, Row{96, 7, 2, 48, 2, 3},
        Row{5, 1, 2, 3, 0, 0}, Row{2, 5, 1, 2, 2, 2}, Row{7, 2, 3, 3, 0, 1}}) {
    CAPTURE(size);
    CAPTURE(taps);
    CAPTURE(stride);
    Window f = window_over("test", {1, size, size, 1}, taps, taps, stride, Padding::same());
    CHECK(f.oh == positions);
    CHECK(f.top == before);
    CHECK(f.left == before);
    CHECK(std::max(0, f.bottom()) == after);
  }
}

TEST_CASE("a window knows the positions that cover a pixel") {
  for (int stride : {1, 2, 3})
    for (int taps : {1, 2, 5})
      for (int before : {0, 1, 4}) {
        const int size = 7, positions = (size + before + 1) / stride;
        for (int pixel = 0; pixel < size; ++pixel) {
          auto [first, last] = positions_over(pixel, before, taps, stride, positions);
          for (int p = 0; p < positions; ++p) {
            int tap = pixel + before - p * stride;
            CHECK((first <= p && p < last) == (0 <= tap && tap < taps));
          }
        }
      }
}

TEST_CASE("spatial ops say which shapes they expected") {
  Graph graph;
  Value x = graph.input({{2, 5, 7, 3}}, "x"), w = graph.input({{3, 3, 4, 8}}, "w");
  Value small = graph.input({{9, 9, 3, 8}}, "small"), flat = graph.input({{2, 105}}, "flat");
  CHECK(refusal([&] { conv2d(x, w, {}); }) == "conv2d: x [2, 5, 7, 3], expected [2, 5, 7, 4]");
  CHECK(refusal([&] { conv2d(x, small, {}, {.padding = Padding::valid()}); }) ==
        "conv2d: 9x9 taps do not fit x [2, 5, 7, 3] with padding 0 0 0 0");
  CHECK(refusal([&] { conv2d(flat, w, {}); }) == "conv2d: x [2, 105], expected [n, h, w, c]");
  CHECK(refusal([&] { depthwise_conv2d(x, w, {}); }) ==
        "depthwise_conv2d: w [3, 3, 4, 8], expected [3, 3, 3, 1]");
  CHECK(refusal([&] { dense(flat, flat, {}); }) ==
        "dense: x [2, 105], w [2, 105], expected [n, i] and [i, o]");
  CHECK(refusal([&] { max_pool(x, {.size = 2, .stride = 1, .padding = Padding::all(2)}); }) ==
        "max_pool: a window of 2x2 that sees padding alone has no maximum");
  CHECK(refusal([&] { zero_pad(x, Padding::same()); }) ==
        "zero_pad: padding by a rule, expected Padding::given");
  CHECK(refusal([&] { upsample(flat); }) == "upsample: x [2, 105], expected [n, h, w, c]");
}

TEST_CASE("a NaN in a max pool's window comes out") {
  for (bool reference : {false, true}) {
    Graph graph;
    Value x = graph.input({{1, 2, 4, 3}}, "x");
    Value y = max_pool(x, {});
    graph.keep(y);
    Program program(graph, cpu_backend(), {}, {.reference = reference});
    for (int at : {0, 3, 12, 15}) {  // channel 0 of each tap of the first window
      std::vector<float> values(24, 1.0f);
      values[at] = std::numeric_limits<float>::quiet_NaN();
      program.feed<float>(x, values);
      program.run();
      std::vector<float> most = program.read(y);
      CHECK(std::isnan(most[0]));
      for (int i = 1; i < 6; ++i) CHECK(most[i] == 1);
    }
  }
}
