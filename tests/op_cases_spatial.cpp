// Rows of the ops that slide, sum or pool over pictures: odd sizes,
// odd strides, filters larger than their picture.
#include "kernels/padding.h"
#include "kernels/spatial_ops.h"
#include "tests/op_cases.h"

namespace lineament::test {
namespace {

std::string text(const Padding& p) {
  if (p.kind == Padding::kSame) return "same";
  if (p.kind == Padding::kValid) return "valid";
  return fmt::format("padded {} {} {} {}", p.top, p.bottom, p.left, p.right);
}

struct Filter {
  int kh, kw, o;
};
enum class Bias { none, given };

OpCase conv(const Shape& x, const Filter& filter, const Conv2dOptions& options, Bias bias) {
  const int kh = filter.kh, kw = filter.kw, o = filter.o;
  OpCase row{
      .name = fmt::format("conv2d {}x{} stride {} {}, {} to {}{}", kh, kw, options.stride,
                          text(options.padding), to_string(x), o, bias == Bias::given ? " and bias" : ""),
      .inputs = {{"x", x}, {"w", {kh, kw, x[3], o}}},
      .build = [=](Graph&, const std::vector<Value>& in) {
        return conv2d(in[0], in[1], in.size() > 2 ? in[2] : Value{}, options);
      }};
  if (bias == Bias::given) row.inputs.push_back({"bias", {o}});
  return row;
}

/// A row, its sums activated: the gradient stays.
OpCase activated(OpCase row, Value (*op)(Value, Value, Value, const Conv2dOptions&), Conv2dOptions options,
                 Activation activation) {
  options.activation = activation;
  row.name += fmt::format(", activation {}", static_cast<int>(activation));
  row.build = [=](Graph&, const std::vector<Value>& in) {
    return op(in[0], in[1], in.size() > 2 ? in[2] : Value{}, options);
  };
  return row;
}

/// A convolution with a batch norm folded into it, which only inference knows.
OpCase folded(const Shape& x, const Filter& filter, Conv2dOptions options, Activation activation,
              bool residual, bool depthwise = false) {
  const int kh = filter.kh, kw = filter.kw, o = filter.o;
  const Shape y = [&] {
    Graph graph;
    const Value in = graph.input({x, DType::f32}, "x");
    const Value w = graph.input({{kh, kw, x[3], depthwise ? 1 : o}, DType::f32}, "w");
    return (depthwise ? depthwise_conv2d : conv2d)(in, w, {}, options).shape();
  }();
  OpCase row{.name = fmt::format("{}conv2d {}x{} stride {} {}, {} to {}, folded, activation {}{}",
                                 depthwise ? "depthwise_" : "", kh, kw, options.stride, text(options.padding),
                                 to_string(x), o, static_cast<int>(activation), residual ? ", residual" : ""),
             .inputs = {{"x", x},
                        {"w", {kh, kw, x[3], depthwise ? 1 : o}},
                        {"bias", {y[3]}},
                        {"scale", {y[3]}, 0.5f, 1.5f}},
             .build =
                 [=](Graph& graph, const std::vector<Value>& in) {
                   Window window = window_over("conv2d", x, kh, kw, options.stride, options.padding);
                   window.activation = activation;
                   return graph.apply1(depthwise ? depthwise_conv2d_op : conv2d_op, in, window);
                 },
             .differentiable = false};
  if (residual) row.inputs.push_back({"residual", y});
  return row;
}

/// Outputs so large that they are stored past the caches: too slow for gradients by differences.
OpCase forward_only(OpCase row) {
  row.differentiable = false;
  return row;
}

OpCase large(OpCase row) {
  row.differences = false;
  return row;
}

OpCase depthwise(const Shape& x, int taps, const Conv2dOptions& options, Bias bias) {
  OpCase row{.name = fmt::format("depthwise_conv2d {}x{} stride {} {}, {}{}", taps, taps, options.stride,
                                 text(options.padding), to_string(x), bias == Bias::given ? " and bias" : ""),
             .inputs = {{"x", x}, {"w", {taps, taps, x[3], 1}}},
             .build = [=](Graph&, const std::vector<Value>& in) {
               return depthwise_conv2d(in[0], in[1], in.size() > 2 ? in[2] : Value{}, options);
             }};
  if (bias == Bias::given) row.inputs.push_back({"bias", {x[3]}});
  return row;
}

OpCase dense_row(int n, int i, int o, Bias bias) {
  OpCase row{.name = fmt::format("dense {} x {} to {}{}", n, i, o, bias == Bias::given ? " and bias" : ""),
             .inputs = {{"x", {n, i}}, {"w", {i, o}}},
             .build = [](Graph&, const std::vector<Value>& in) {
               return dense(in[0], in[1], in.size() > 2 ? in[2] : Value{});
             }};
  if (bias == Bias::given) row.inputs.push_back({"bias", {o}});
  return row;
}

OpCase pad_row(const Shape& x, const Padding& padding) {
  return {.name = fmt::format("zero_pad {}, {}", text(padding), to_string(x)),
          .inputs = {{"x", x}},
          .build = [=](Graph&, const std::vector<Value>& in) { return zero_pad(in[0], padding); }};
}

OpCase upsample_row(const Shape& x) {
  return {.name = fmt::format("upsample {}", to_string(x)),
          .inputs = {{"x", x}},
          .build = [](Graph&, const std::vector<Value>& in) { return upsample(in[0]); }};
}

OpCase soft_argmax_row(const Shape& x, const MapGrid& grid, float reach = 3) {
  return {.name = fmt::format("soft_argmax {}", to_string(x)),
          .inputs = {{"x", x, -reach, reach}},
          .build = [=](Graph&, const std::vector<Value>& in) { return soft_argmax(in[0], grid); }};
}

using Pool = Value (*)(Value, const PoolOptions&);

OpCase pool(const char* op, Pool build, const Shape& x, const PoolOptions& options) {
  return {.name = fmt::format("{} {}x{} stride {} {}, {}", op, options.size, options.size, options.stride,
                              text(options.padding), to_string(x)),
          .inputs = {{"x", x}},
          .build = [=](Graph&, const std::vector<Value>& in) { return build(in[0], options); }};
}

/// A bias whose gradient is summed before the pool's spreads it.
OpCase pooled_bias(const Shape& x, int o, const PoolOptions& options) {
  return {.name = fmt::format("max_pool {}x{} stride {} behind a bias, {}", options.size, options.size,
                              options.stride, to_string(x)),
          .inputs = {{"x", x}, {"w", {2, 2, x[3], o}}, {"bias", {o}}},
          .build = [=](Graph&, const std::vector<Value>& in) {
            return max_pool(conv2d(in[0], in[1], in[2]), options);
          }};
}

OpCase global_pool(const Shape& x, bool keep_dims) {
  return {
      .name = fmt::format("global_average_pool {}{}", to_string(x), keep_dims ? " kept in rank 4" : ""),
      .inputs = {{"x", x}},
      .build = [=](Graph&, const std::vector<Value>& in) { return global_average_pool(in[0], keep_dims); }};
}

}  // namespace

std::vector<OpCase> spatial_cases() {
  const Padding same = Padding::same(), valid = Padding::valid();
  std::vector<OpCase> rows = {
      conv({1, 1, 1, 1}, {1, 1, 1}, {.stride = 1, .padding = valid}, Bias::given),
      conv({2, 7, 5, 3}, {1, 1, 7}, {.stride = 1, .padding = valid}, Bias::given),
      conv({3, 5, 5, 17}, {1, 1, 33}, {.stride = 1, .padding = same}, Bias::none),
      conv({2, 7, 5, 17}, {1, 1, 7}, {.stride = 2, .padding = same}, Bias::none),
      conv({2, 19, 23, 65}, {1, 1, 1}, {.stride = 1, .padding = valid}, Bias::given),
      conv({2, 5, 7, 1}, {2, 2, 7}, {.stride = 1, .padding = valid}, Bias::given),
      conv({1, 6, 6, 5}, {2, 2, 3}, {.stride = 2, .padding = valid}, Bias::none),
      conv({2, 11, 13, 1}, {3, 3, 64}, {.stride = 1, .padding = valid}, Bias::given),
      conv({2, 7, 5, 3}, {3, 3, 7}, {.stride = 2, .padding = same}, Bias::given),
      conv({2, 8, 6, 3}, {3, 3, 7}, {.stride = 2, .padding = same}, Bias::none),
      conv({3, 7, 5, 17}, {3, 3, 33}, {.stride = 1, .padding = same}, Bias::given),
      conv({1, 13, 11, 17}, {3, 3, 5}, {.stride = 2, .padding = Padding::all(1)}, Bias::none),
      conv({2, 10, 10, 3}, {3, 3, 1}, {.stride = 3, .padding = valid}, Bias::given),
      conv({2, 7, 9, 5}, {5, 3, 7}, {.stride = 1, .padding = Padding::given(2, 1, 0, 1)}, Bias::given),
      conv({1, 7, 9, 33}, {5, 3, 7}, {.stride = 2, .padding = Padding::given(0, 3, 1, 0)}, Bias::none),
      conv({2, 13, 11, 3}, {7, 7, 33}, {.stride = 2, .padding = Padding::all(3)}, Bias::given),
      conv({1, 9, 9, 5}, {7, 7, 3}, {.stride = 3, .padding = same}, Bias::none),
      conv({2, 2, 3, 3}, {5, 5, 7}, {.stride = 1, .padding = same}, Bias::given),
      conv({1, 1, 1, 17}, {3, 3, 7}, {.stride = 1, .padding = same}, Bias::none),
      conv({1, 2, 2, 1}, {3, 3, 3}, {.stride = 1, .padding = Padding::given(0, 4, 0, 4)}, Bias::none),
      conv({2, 3, 5, 67}, {3, 3, 129}, {.stride = 1, .padding = same},
           Bias::none),  // dw by rows of the filter
      conv({1, 5, 3, 257}, {1, 1, 261}, {.stride = 1, .padding = valid},
           Bias::none),  // and by slices of channels
      conv({1, 5, 3, 263}, {1, 1, 257}, {.stride = 2, .padding = valid}, Bias::none),
      conv({2, 6, 5, 19}, {3, 3, 16}, {.stride = 1, .padding = same}, Bias::given),  // Winograd's 3x3 tiles
      conv({1, 9, 15, 37}, {3, 3, 33}, {.stride = 1, .padding = valid}, Bias::none),
      conv({3, 10, 13, 35}, {3, 3, 17}, {.stride = 1, .padding = Padding::given(0, 2, 1, 3)}, Bias::given),
      conv({1, 24, 11, 16}, {3, 3, 67}, {.stride = 1, .padding = same}, Bias::none),  // and 4x4
      large(conv({5, 9, 13, 49}, {3, 3, 51}, {.stride = 1, .padding = valid},
                 Bias::none)),  // and dw of both, in parts
      large(conv({2, 16, 15, 50}, {3, 3, 51}, {.stride = 1, .padding = Padding::given(2, 0, 0, 1)},
                 Bias::none)),
      large(conv({9, 5, 6, 49}, {3, 3, 51}, {.stride = 1, .padding = same}, Bias::none)),  // dw by 3x3 tiles
      large(conv({4, 9, 7, 99}, {3, 3, 70}, {.stride = 1, .padding = same},
                 Bias::none)),  // and in blocks of channels
      conv({3, 17, 19, 1}, {3, 3, 64}, {.stride = 1, .padding = same}, Bias::none),  // dw with dy as it lies
      conv({3, 31, 17, 9}, {3, 5, 49}, {.stride = 2, .padding = same}, Bias::none),  // in bands of rows
      conv({37, 3, 3, 25}, {3, 3, 97}, {.stride = 1, .padding = same}, Bias::none),  // of pictures
      conv({41, 5, 7, 20}, {1, 1, 130}, {.stride = 3, .padding = valid}, Bias::none),  // of sampled pixels
      conv({1, 7, 7, 33}, {1, 1, 48}, {.stride = 1, .padding = valid},
           Bias::given),  // few rows, the filter in place
      conv({5, 5, 7, 65}, {1, 1, 80}, {.stride = 2, .padding = valid},
           Bias::given),  // 5 registers: panels of 3 and 2
      conv({25, 3, 3, 19}, {3, 3, 24}, {.stride = 1, .padding = same}, Bias::given),  // tiles of one position
      conv({26, 5, 4, 7}, {3, 3, 41}, {.stride = 2, .padding = same},
           Bias::none),  // a group of pictures and two
      conv({3, 27, 29, 9}, {3, 3, 17}, {.stride = 2, .padding = Padding::all(1)}, Bias::given),
      conv({1, 5, 6, 519}, {3, 3, 65}, {.stride = 1, .padding = same},
           Bias::given),  // a tap's channels in slices
      conv({2, 9, 8, 131}, {2, 3, 5}, {.stride = 3, .padding = same},
           Bias::none),  // pixels that no tap covers
      conv({2, 23, 21, 5}, {5, 5, 67}, {.stride = 2, .padding = same}, Bias::given),  // rows of taps
      conv({2, 11, 10, 5}, {2, 4, 9}, {.stride = 3, .padding = Padding::given(1, 0, 2, 3)},
           Bias::none),  // dx by columns
      conv({3, 37, 33, 3}, {5, 5, 17}, {.stride = 1, .padding = same},
           Bias::none),  // in blocks of rows, in bands
      conv({17, 5, 7, 19}, {3, 3, 21}, {.stride = 2, .padding = same}, Bias::none),  // picture by picture
      conv({3, 13, 29, 1}, {1, 1, 3}, {.stride = 1, .padding = valid},
           Bias::given),  // grey into a few channels
      conv({1, 3, 5, 1}, {1, 1, 4}, {.stride = 1, .padding = valid}, Bias::none),
      conv({2, 7, 11, 1}, {1, 1, 2}, {.stride = 1, .padding = same}, Bias::given),
      conv({2, 17, 19, 3}, {3, 3, 40}, {.stride = 2, .padding = same}, Bias::given),  // rows of nine floats
      conv({2, 9, 57, 1}, {1, 2, 23}, {.stride = 1, .padding = valid}, Bias::given),
      forward_only(conv({3, 175, 171, 1}, {3, 3, 48}, {.stride = 1, .padding = valid}, Bias::given)),
      forward_only(conv({2, 129, 131, 9}, {1, 1, 128}, {.stride = 1, .padding = valid}, Bias::none)),

      activated(conv({2, 7, 5, 3}, {3, 3, 7}, {.stride = 2}, Bias::given), conv2d, {.stride = 2},
                Activation::relu),
      activated(conv({3, 7, 9, 1}, {1, 1, 3}, {}, Bias::given), conv2d, {},
                Activation::relu),  // grey to few channels
      activated(conv({1, 3, 5, 2}, {2, 2, 3}, {}, Bias::given), conv2d, {}, Activation::leaky_relu),
      activated(depthwise({2, 7, 5, 3}, 3, {}, Bias::given), depthwise_conv2d, {}, Activation::sigmoid),
      folded({2, 7, 5, 3}, {3, 3, 7}, {.stride = 2}, Activation::relu, true),                 // few channels
      folded({2, 19, 17, 1}, {3, 3, 65}, {.padding = valid}, Activation::leaky_relu, false),  // rows of taps
      folded({2, 9, 11, 17}, {1, 1, 67}, {.padding = valid}, Activation::swish, true),        // one pass
      folded({1, 5, 6, 519}, {1, 1, 33}, {.padding = valid}, Activation::relu6, true),        // several
      folded({3, 6, 5, 19}, {3, 3, 16}, {}, Activation::relu, true),                          // Winograd's
      folded({1, 24, 11, 16}, {3, 3, 67}, {}, Activation::swish, false),
      folded({2, 129, 131, 9}, {1, 1, 128}, {.padding = valid}, Activation::relu, true),  // past the caches
      folded({2, 7, 5, 67}, {5, 5, 67}, {}, Activation::swish, false, true),
      folded({2, 9, 8, 17}, {3, 3, 17}, {.stride = 2}, Activation::relu, true, true),
      folded({1, 10, 10, 24}, {3, 3, 24}, {.stride = 3, .padding = valid}, Activation::relu6, false, true),
      folded({2, 6, 7, 24}, {3, 3, 24}, {}, Activation::swish, true, true),  // packs of channels
      folded({1, 9, 8, 16}, {5, 5, 16}, {.stride = 2}, Activation::relu6, true, true),
      folded({2, 5, 6, 8}, {3, 3, 24}, {}, Activation::leaky_relu, true),

      depthwise({1, 1, 1, 1}, 1, {.stride = 1, .padding = valid}, Bias::none),
      depthwise({2, 7, 5, 3}, 3, {.stride = 1, .padding = same}, Bias::given),
      depthwise({3, 8, 6, 17}, 3, {.stride = 2, .padding = same}, Bias::none),
      depthwise({1, 9, 7, 64}, 3, {.stride = 2, .padding = Padding::given(0, 1, 0, 1)}, Bias::given),
      depthwise({2, 7, 5, 67}, 5, {.stride = 1, .padding = same}, Bias::none),
      depthwise({2, 11, 9, 33}, 5, {.stride = 2, .padding = same}, Bias::given),
      depthwise({2, 2, 3, 5}, 5, {.stride = 1, .padding = same}, Bias::none),
      depthwise({1, 10, 10, 24}, 3, {.stride = 3, .padding = valid}, Bias::none),
      depthwise({3, 1, 1, 33}, 3, {.stride = 1, .padding = same}, Bias::none),
      depthwise({2, 1, 1, 7}, 5, {.stride = 2, .padding = same}, Bias::given),
      depthwise({2, 3, 5, 17}, 5, {.stride = 1, .padding = same}, Bias::none),
      depthwise({2, 5, 3, 1}, 3, {.stride = 2, .padding = Padding::given(2, 0, 1, 2)}, Bias::none),
      depthwise({17, 3, 3, 67}, 5, {.stride = 1, .padding = same}, Bias::none),
      depthwise({2, 12, 13, 49}, 5, {.stride = 2, .padding = same}, Bias::none),
      depthwise({1, 7, 25, 163}, 3, {.stride = 2, .padding = same}, Bias::none),
      depthwise({2, 6, 19, 7}, 3, {.stride = 1, .padding = Padding::given(0, 3, 2, 4)}, Bias::given),
      depthwise({5, 7, 9, 519}, 3, {.stride = 1, .padding = same}, Bias::none),  // dw in slices of channels
      depthwise({1, 2, 2, 261}, 5, {.stride = 3, .padding = same}, Bias::none),
      depthwise({2, 9, 11, 24}, 3, {.stride = 1, .padding = same},
                Bias::given),  // packs of channels, tiles with a rest
      depthwise({1, 5, 6, 36}, 3, {.stride = 1, .padding = Padding::given(2, 1, 0, 2)}, Bias::none),
      depthwise({2, 10, 7, 20}, 3, {.stride = 2, .padding = same}, Bias::none),
      depthwise({3, 9, 10, 4}, 3, {.stride = 2, .padding = Padding::given(1, 0, 2, 1)}, Bias::given),
      depthwise({2, 7, 9, 16}, 5, {.stride = 1, .padding = same}, Bias::none),
      depthwise({1, 6, 5, 6}, 5, {.stride = 1, .padding = Padding::given(0, 4, 3, 1)}, Bias::given),
      depthwise({2, 12, 9, 8}, 5, {.stride = 2, .padding = same}, Bias::given),
      depthwise({1, 11, 12, 72}, 5, {.stride = 2, .padding = Padding::given(3, 0, 1, 2)}, Bias::none),
      large(depthwise({19, 13, 17, 8}, 3, {.stride = 1, .padding = same}, Bias::none)),  // dw in slices
      large(depthwise({9, 6, 6, 264}, 5, {.stride = 1, .padding = same}, Bias::none)),   // and of channels
      large(depthwise({7, 5, 6, 8}, 7, {.stride = 2, .padding = same}, Bias::none)),

      dense_row(1, 1, 1, Bias::given),
      dense_row(3, 7, 5, Bias::given),
      dense_row(2, 17, 1, Bias::none),
      dense_row(1, 67, 30, Bias::given),
      dense_row(65, 33, 17, Bias::none),
      dense_row(5, 1031, 7, Bias::given),
      dense_row(13, 2309, 48, Bias::given),  // a sum in two parts, w in place
      dense_row(7, 519, 65, Bias::none),
      dense_row(66, 24, 72, Bias::given),         // tiles with a rest on each side
      large(dense_row(1100, 8, 16, Bias::none)),  // dw in slices of rows

      pad_row({2, 3, 5, 3}, Padding::given(1, 2, 0, 3)),
      pad_row({1, 7, 1, 17}, Padding::all(3)),
      pad_row({2, 3, 4, 8}, Padding::given(0, 1, 2, 0)),

      upsample_row({1, 1, 1, 1}),
      upsample_row({3, 1, 5, 3}),
      upsample_row({1, 7, 1, 5}),
      upsample_row({1, 5, 6, 8}),
      upsample_row({3, 3, 2, 33}),
      upsample_row({2, 4, 3, 67}),
      large(upsample_row({3, 17, 19, 72})),  // rows in several chunks

      soft_argmax_row({1, 1, 1, 1}, {0.25f, -0.5f, 0.1f}),
      soft_argmax_row({3, 5, 7, 3}, {-0.9f, -0.8f, 0.25f}),
      soft_argmax_row({2, 1, 9, 5}, {-1, 0, 0.2f}),
      soft_argmax_row({2, 6, 4, 33}, {-0.5f, -0.5f, 0.3f}),  // maps in two blocks
      soft_argmax_row({1, 4, 3, 68}, {-1, -1, 0.5f}),
      large(soft_argmax_row({5, 24, 24, 15}, {-0.97f, -0.97f, 1.0f / 12}, 20)),  // sure of their places

      pooled_bias({2, 7, 9, 1}, 5, {.size = 3, .stride = 2, .padding = same}),
      pooled_bias({1, 8, 6, 3}, 3, {.size = 2, .stride = 3}),
      global_pool({2, 5, 3, 3}, false),
      global_pool({1, 1, 1, 1}, false),
      global_pool({3, 3, 7, 83}, true),
      global_pool({2, 6, 5, 24}, true),
      large(global_pool({3, 31, 17, 72}, false)),  // each picture in slices, its channels in chunks
  };
  struct NamedPool {
    const char* op;
    Pool build;
  };
  for (auto [op, build] : {NamedPool{"max_pool", max_pool}, NamedPool{"average_pool", average_pool}}) {
    rows.push_back(pool(op, build, {1, 1, 1, 1}, {.size = 1, .stride = 1}));
    rows.push_back(pool(op, build, {2, 7, 5, 3}, {.size = 2, .stride = 2}));
    rows.push_back(pool(op, build, {3, 6, 8, 17}, {.size = 2, .stride = 2}));
    rows.push_back(pool(op, build, {2, 7, 5, 67}, {.size = 3, .stride = 2, .padding = same}));
    rows.push_back(pool(op, build, {1, 8, 6, 5}, {.size = 3, .stride = 2, .padding = same}));
    rows.push_back(pool(op, build, {2, 9, 7, 33}, {.size = 3, .stride = 2, .padding = Padding::all(1)}));
    rows.push_back(pool(op, build, {1, 7, 7, 3}, {.size = 1, .stride = 2}));
    rows.push_back(
        pool(op, build, {1, 5, 4, 2}, {.size = 2, .stride = 1, .padding = Padding::given(1, 0, 0, 1)}));
    rows.push_back(pool(op, build, {1, 2, 3, 3}, {.size = 5, .stride = 1, .padding = same}));
    rows.push_back(pool(op, build, {2, 6, 7, 8}, {.size = 2, .stride = 2}));
    rows.push_back(pool(op, build, {1, 9, 7, 24}, {.size = 3, .stride = 2, .padding = Padding::all(1)}));
  }
  return rows;
}

}  // namespace lineament::test
