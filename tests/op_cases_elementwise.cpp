// Rows of the elementwise and normalisation ops: odd shapes, and ranges that keep clear of kinks.
#include "tests/op_cases.h"

#include <array>

namespace lineament::test {
namespace {

using Values = std::vector<Value>;

/// One past the chunk of an elementwise kernel.
constexpr int64_t kPastGrain = 16385;

OpInput fixed(std::string name, Shape shape, float low = -1, float high = 1) {
  return {.name = std::move(name), .shape = shape, .low = low, .high = high, .trainable = false};
}
OpInput rng() { return {.name = "rng", .shape = {2}, .trainable = false, .dtype = DType::u64}; }

void add_activations(std::vector<OpCase>& cases) {
  struct Row {
    const char* name;
    Activation kind;
    float slope;
  };
  constexpr Row kRows[] = {{"relu", Activation::relu, 0},
                           {"relu6", Activation::relu6, 0},
                           {"leaky_relu 0.2", Activation::leaky_relu, 0.2f},
                           {"leaky_relu -0.2", Activation::leaky_relu, -0.2f},
                           {"swish", Activation::swish, 0},
                           {"sigmoid", Activation::sigmoid, 0}};
  for (const Row& row : kRows) {
    const auto build = [row](Graph&, const Values& in) { return activate(in[0], row.kind, row.slope); };
    const std::string name = row.name;
    cases.push_back({name + ", 1", {{"x", {1}}}, build});
    cases.push_back({name + " below zero, 3x5x1x17", {{"x", {3, 5, 1, 17}, -5, -0.1f}}, build});
    cases.push_back({name + " above zero, 7x13", {{"x", {7, 13}, 0.1f, 5.9f}}, build});
    if (row.kind == Activation::sigmoid) continue;  // so flat there that y (1 - y) has no digits left in f32
    cases.push_back({name + " far above zero, 7x13", {{"x", {7, 13}, 6.1f, 20}}, build});
  }
  cases.push_back({"swish, one past a chunk", {{"x", {kPastGrain}, -9, 9}}, [](Graph&, const Values& in) {
                     return swish(in[0]);
                   }});
}

void add_batch_norms(std::vector<OpCase>& cases) {
  struct Row {
    const char* name;
    Shape x;
    Activation activation;
    bool residual;
    float low = -1, high = 1;  // of beta: so far up or down that no relu turns at the points checked
    bool differences = true;
    bool bias = false;  // in training
  };
  const Row rows[] = {
      {"none, 7x5", {7, 5}, Activation::none, false},
      {"none, 3x1", {3, 1}, Activation::none, false},
      {"none, 2x3x5x3", {2, 3, 5, 3}, Activation::none, false},
      {"none, 13x3x1x17, residual", {13, 3, 1, 17}, Activation::none, true},
      {"relu on, 2x3x5x3, residual", {2, 3, 5, 3}, Activation::relu, true, 8, 9},
      {"relu off, 2x3x5x3, residual", {2, 3, 5, 3}, Activation::relu, true, -9, -8},
      {"relu on, 5x17", {5, 17}, Activation::relu, false, 8, 9},
      {"relu6 on, 11x3", {11, 3}, Activation::relu6, false, 3, 3.1f},
      {"relu6 above, 11x3, residual", {11, 3}, Activation::relu6, true, 12, 13},
      {"leaky_relu on, 3x2x2x5, residual", {3, 2, 2, 5}, Activation::leaky_relu, true, 8, 9},
      {"leaky_relu off, 3x2x2x5", {3, 2, 2, 5}, Activation::leaky_relu, false, -9, -8},
      {"sigmoid, 3x2x2x5, residual", {3, 2, 2, 5}, Activation::sigmoid, true},
      {"swish, 2x3x5x17", {2, 3, 5, 17}, Activation::swish, false},
      {"swish, 7x1", {7, 1}, Activation::swish, false},
      {"none, 1025x17, several chunks", {1025, 17}, Activation::none, false},
      {"swish, 5x11x61x7, several chunks", {5, 11, 61, 7}, Activation::swish, false},
      {"none, 3x2x2x331", {3, 2, 2, 331}, Activation::none, false},
      {"relu on, 5x7x3x24, residual", {5, 7, 3, 24}, Activation::relu, true, 8, 9, false},
      {"swish, 67x20", {67, 20}, Activation::swish, false, -1, 1, false},
      {"none, 3x3x1x1032, residual", {3, 3, 1, 1032}, Activation::none, true, -1, 1, false},
      {"relu off, 1100x128, many slices", {1100, 128}, Activation::relu, false, -9, -8, false},
      {"swish, 1501x72, more than a block keeps", {1501, 72}, Activation::swish, false, -1, 1, false},
      {"relu on, 19x79x1x72, residual, more than a block keeps", {19, 79, 1, 72}, Activation::relu, true, 8, 9, false},
      {"swish, 3x5x2x7, bias", {3, 5, 2, 7}, Activation::swish, false, -1, 1, true, true},
      {"relu on, 2x3x5x24, residual and bias", {2, 3, 5, 24}, Activation::relu, true, 8, 9, true, true},
  };
  for (const Row& row : rows) {
    for (bool train : {true, false}) {
      if (row.bias && !train) continue;
      const Shape channels{row.x[-1]};
      std::vector<OpInput> inputs{{"x", row.x, -0.9f, 1.1f},
                                  {"gamma", channels, 0.5f, 1.5f},
                                  {"beta", channels, row.low, row.high},
                                  fixed("running_mean", channels),
                                  fixed("running_variance", channels, 0.5f, 1.5f)};
      if (row.residual) inputs.push_back({"residual", row.x});
      if (row.bias) inputs.push_back(fixed("bias", channels));
      cases.push_back({fmt::format("batch_norm_{} {}", train ? "train" : "infer", row.name), inputs,
                       [row, train](Graph&, const Values& in) {
                         const BatchNormOptions options{.activation = row.activation};
                         const Value residual = row.residual ? in[5] : Value{};
                         if (!train)
                           return batch_norm_infer(in[0], in[1], in[2], in[3], in[4], options, residual);
                         return batch_norm_train(in[0], in[1], in[2], in[3], in[4], options, residual,
                                                 row.bias ? in.back() : Value{});
                       },
                       row.differences});
    }
  }
}

/// Batch norms whose dy comes by two paths: kernels may take both (tensor/fuse.h).
void add_batch_norms_read_twice(std::vector<OpCase>& cases) {
  struct Row {
    const char* name;
    Shape x;
    Activation activation;
    bool residual;
    bool squeezes;  // the second path is a squeeze-excite's
  };
  const Row rows[] = {
      {"none, 2x3x5x3, read twice", {2, 3, 5, 3}, Activation::none, false, false},
      {"swish, 5x7x3x24, read twice", {5, 7, 3, 24}, Activation::swish, false, false},
      {"none, 23x7x9x40, residual, read twice", {23, 7, 9, 40}, Activation::none, true, false},
      {"sigmoid, 3x5x7x24, residual, read twice", {3, 5, 7, 24}, Activation::sigmoid, true, false},
      {"swish, 3x5x7x24, squeezed", {3, 5, 7, 24}, Activation::swish, false, true},
      {"swish, 2x5x3x7, squeezed", {2, 5, 3, 7}, Activation::swish, false, true},
      {"none, 37x9x5x72, squeezed", {37, 9, 5, 72}, Activation::none, false, true},
  };
  for (const Row& row : rows) {
    const Shape channels{row.x[-1]};
    std::vector<OpInput> inputs{{"x", row.x, -0.9f, 1.1f},
                                {"gamma", channels, 0.5f, 1.5f},
                                {"beta", channels},
                                fixed("running_mean", channels),
                                fixed("running_variance", channels, 0.5f, 1.5f)};
    if (row.residual) inputs.push_back({"residual", row.x});
    cases.push_back({fmt::format("batch_norm_train {}", row.name), inputs, [row](Graph&, const Values& in) {
                       const Value y = batch_norm_train(in[0], in[1], in[2], in[3], in[4], {.activation = row.activation},
                                                        row.residual ? in[5] : Value{});
                       return row.squeezes ? multiply(y, sigmoid(global_average_pool(y, true))) : add(swish(y), y);
                     }});
  }
}

void add_squeezes(std::vector<OpCase>& cases) {
  for (const Shape& x : {Shape{2, 3, 5, 7}, Shape{3, 2, 4, 24}})
    cases.push_back({fmt::format("squeeze-excite {}", to_string(x)), {{"x", x}}, [](Graph&, const Values& in) {
                       return multiply(in[0], sigmoid(global_average_pool(in[0], true)));
                     }});
}

void add_products(std::vector<OpCase>& cases) {
  struct Row {
    const char* name;
    Shape x, a;
  };
  const Row rows[] = {{"equal, 7x3", {7, 3}, {7, 3}},
                      {"equal, 1x17x5x13", {1, 17, 5, 13}, {1, 17, 5, 13}},
                      {"a number a channel, 3x5x7x17", {3, 5, 7, 17}, {3, 1, 1, 17}},
                      {"a number a channel, 1x1x1x1", {1, 1, 1, 1}, {1, 1, 1, 1}},
                      {"a number a channel, 2x61x13x11", {2, 61, 13, 11}, {2, 1, 1, 11}},
                      {"a number a channel, 2x37x9x24", {2, 37, 9, 24}, {2, 1, 1, 24}},
                      {"a number a channel, 2x31x17x136", {2, 31, 17, 136}, {2, 1, 1, 136}},
                      {"a number a picture, 3x5x7x17", {3, 5, 7, 17}, {3, 1, 1, 1}},
                      {"a number a picture, 2x5x3x8", {2, 5, 3, 8}, {2, 1, 1, 1}},
                      {"a number a picture, 2x1x1x3", {2, 1, 1, 3}, {2, 1, 1, 1}}};
  for (const Row& row : rows)
    cases.push_back({fmt::format("multiply {}", row.name),
                     {{"x", row.x}, {"a", row.a}},
                     [](Graph&, const Values& in) { return multiply(in[0], in[1]); }});
  cases.push_back({"multiply x by itself, 5x3", {{"x", {5, 3}}}, [](Graph&, const Values& in) {
                     return multiply(in[0], in[0]);
                   }});
  for (const Shape& shape : {Shape{1}, Shape{3, 5, 1, 17}, Shape{kPastGrain}})
    cases.push_back({"add " + to_string(shape), {{"a", shape}, {"b", shape}}, [](Graph&, const Values& in) {
                       return add(in[0], in[1]);
                     }});
  cases.push_back(
      {"add x to itself, 7x3", {{"x", {7, 3}}}, [](Graph&, const Values& in) { return add(in[0], in[0]); }});
}

void add_affines_and_shapes(std::vector<OpCase>& cases) {
  const auto build = [](int channels) {
    return [channels](Graph&, const Values& in) {
      return affine(in[0], {channels, {2, -0.5f, 0.25f, 3}, {-1, 0.125f, 7, 0}});
    };
  };
  cases.push_back({"affine of 1 channel, 5x7x3x1", {{"x", {5, 7, 3, 1}}}, build(1)});
  cases.push_back({"affine of 1 channel for 5", {{"x", {17, 5}}}, build(1)});
  cases.push_back({"affine of 3 channels, 1x17x1x3", {{"x", {1, 17, 1, 3}}}, build(3)});
  cases.push_back({"affine of 3 channels, several chunks", {{"x", {1, 43, 127, 3}}}, build(3)});
  cases.push_back({"affine of 4 channels, 7x4", {{"x", {7, 4}}}, build(4)});
  const auto pick = [](int channels, std::array<int, 4> from) {
    return [channels, from](Graph&, const Values& in) {
      return affine(in[0], {channels, {2, -0.5f, 0.25f, 3}, {-1, 0.125f, 7, 0}, from});
    };
  };
  cases.push_back({"affine of 1 to 3 channels, 1x17x13x1", {{"x", {1, 17, 13, 1}}}, pick(3, {0, 0, 0})});
  cases.push_back({"affine of 3 channels turned round, 2x7x5x3", {{"x", {2, 7, 5, 3}}}, pick(3, {2, 1, 0})});
  cases.push_back({"affine of 3 turned round, in place",
                   {{"a", {3, 5, 3}}, {"b", {3, 5, 3}}},
                   [](Graph&, const Values& in) {
                     return affine(add(in[0], in[1]), {.channels = 3, .scale = {2, 3, 5}, .from = {1, 2, 0}});
                   }});
  cases.push_back(
      {"affine of 3 to 2 channels, one unread, several chunks", {{"x", {1, 67, 127, 3}}}, pick(2, {2, 2})});
  cases.push_back({"affine of 2 to 4 channels, 7x2", {{"x", {7, 2}}}, pick(4, {1, 0, 1, 1})});
  cases.push_back({"reshape 2x3x5x7 to 6x35", {{"x", {2, 3, 5, 7}}}, [](Graph&, const Values& in) {
                     return reshape(in[0], {6, 35});
                   }});
  cases.push_back(
      {"flatten 2x3x5x7", {{"x", {2, 3, 5, 7}}}, [](Graph&, const Values& in) { return flatten(in[0]); }});
  cases.push_back({"relu of a flattened sum, in place",
                   {{"a", {2, 3, 1, 7}, 0.1f, 1}, {"b", {2, 3, 1, 7}, 0.1f, 1}},
                   [](Graph&, const Values& in) { return relu(flatten(add(in[0], in[1]))); }});
  for (const Shape& shape : {Shape{1, 1}, Shape{3, 17}, Shape{2, 3, 1, 5}})
    cases.push_back({"softmax " + to_string(shape), {{"x", shape, -3, 3}}, [](Graph&, const Values& in) {
                       return softmax(in[0]);
                     }});
}

void add_dropouts(std::vector<OpCase>& cases) {
  for (const Shape& shape : {Shape{1}, Shape{7, 17}, Shape{3, 5, 1, 13}, Shape{kPastGrain}})
    cases.push_back({"dropout " + to_string(shape),
                     {{"x", shape, 0.5f, 1}, rng()},
                     [](Graph&, const Values& in) { return dropout(in[0], in[1], 0.4f, 5); }});
  for (const Shape& shape : {Shape{1, 1, 1, 1}, Shape{11, 3, 5, 7}, Shape{17, 3}})
    cases.push_back({"drop_path " + to_string(shape),
                     {{"x", shape, 0.5f, 1}, rng()},
                     [](Graph&, const Values& in) { return drop_path(in[0], in[1], 0.4f, 5); }});
}

// The losses are linear in the mask. It comes from a relu, so that it holds zeros.
void add_losses(std::vector<OpCase>& cases) {
  for (const Shape& shape : {Shape{1, 2}, Shape{7, 30}, Shape{13, 1283}, Shape{13, 1282}}) {
    cases.push_back({"mean_squared_error " + to_string(shape),
                     {{"prediction", shape}, fixed("target", shape), fixed("mask", shape, -0.5f, 1)},
                     [](Graph&, const Values& in) { return mean_squared_error(in[0], in[1], relu(in[2])); }});
    for (const auto& [kind, name] : {std::pair{PointLoss::l1, "l1"}, {PointLoss::smooth_l1, "smooth_l1"}, {PointLoss::wing, "wing"}})
      cases.push_back({fmt::format("point_loss {} {}", name, to_string(shape)),
                       {{"prediction", shape}, fixed("target", shape), fixed("mask", shape, -0.5f, 1)},
                       [kind = kind](Graph&, const Values& in) {
                         return point_loss(in[0], in[1], relu(in[2]), {.kind = kind, .limit = 0.4f, .curve = 0.15f});
                       }});
    for (const auto& [kind, name] : {std::pair{LikelihoodLoss::gaussian, "gaussian"}, {LikelihoodLoss::laplace, "laplace"}})
      if (shape[1] % 2 == 0)
        cases.push_back({fmt::format("likelihood_loss {} {}", name, to_string(shape)),
                         {{"prediction", shape}, {"log_deviation", {shape[0], shape[1] / 2}}, fixed("target", shape),
                          fixed("mask", shape, -0.5f, 1)},
                         [kind = kind](Graph&, const Values& in) {
                           return likelihood_loss(in[0], in[1], in[2], relu(in[3]), {.kind = kind, .px = 0.7f});
                         }});
    cases.push_back(
        {"cross_entropy " + to_string(shape),
         {{"prediction", shape, 0.1f, 1}, fixed("target", shape, 0, 1), fixed("mask", shape, -0.5f, 1)},
         [](Graph&, const Values& in) { return cross_entropy(in[0], in[1], relu(in[2])); }});
  }
  cases.push_back({"mean_squared_error where no target is known",
                   {{"prediction", {5, 3}}, fixed("target", {5, 3}), fixed("mask", {5, 3}, 0, 0)},
                   [](Graph&, const Values& in) { return mean_squared_error(in[0], in[1], in[2]); }});
  cases.push_back({"cross_entropy of a softmax, 5x7",
                   {{"x", {5, 7}}, fixed("target", {5, 7}, 0, 1), fixed("mask", {5, 7}, 1, 1)},
                   [](Graph&, const Values& in) { return cross_entropy(softmax(in[0]), in[1], in[2]); }});
}

}  // namespace

std::vector<OpCase> elementwise_cases() {
  std::vector<OpCase> cases;
  add_activations(cases);
  add_batch_norms(cases);
  add_batch_norms_read_twice(cases);
  add_squeezes(cases);
  add_products(cases);
  add_affines_and_shapes(cases);
  add_dropouts(cases);
  add_losses(cases);
  return cases;
}

}  // namespace lineament::test
