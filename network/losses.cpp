#include "network/losses.h"

#include "kernels/ops.h"

namespace lineament {
namespace {

constexpr std::string_view kDevAxis = "MSE [px²]";

// In px, of pictures of any size.
constexpr float kSmoothLimit = 0.5f;
constexpr float kWingLimit = 4, kWingCurve = 1;

/// Cross-entropy wants targets that are not negative: coordinates as shares of the picture's side.
Value shares(Value half_pictures) { return affine(half_pictures, {.scale = {0.5f}, .shift = {0.5f}}); }

}  // namespace

std::span<const LossRow> Choices<Loss>::rows() {
  static constexpr LossRow kRows[] = {
      {{"mean_squared_error", Loss::mean_squared_error, "of the coordinates"},
       [](const Answer& a, Value keypoints, Value mask, float) { return mean_squared_error(a.points, keypoints, mask); },
       2,
       false,
       kDevAxis},
      {{"l1", Loss::l1, "of the coordinates' absolute errors"},
       [](const Answer& a, Value keypoints, Value mask, float) { return point_loss(a.points, keypoints, mask, {}); },
       1,
       false,
       "L1 [px]"},
      {{"smooth_l1", Loss::smooth_l1, "squares of errors below half a px, a line above"},
       [](const Answer& a, Value keypoints, Value mask, float px) {
         return point_loss(a.points, keypoints, mask, {.kind = PointLoss::smooth_l1, .limit = kSmoothLimit * px});
       },
       1,
       false,
       "smooth L1 [px]"},
      {{"wing", Loss::wing, "a logarithm below 4 px, a line above (arXiv:1711.06753)"},
       [](const Answer& a, Value keypoints, Value mask, float px) {
         return point_loss(a.points, keypoints, mask, {.kind = PointLoss::wing, .limit = kWingLimit * px, .curve = kWingCurve * px});
       },
       1,
       false,
       "wing [px]"},
      {{"gaussian", Loss::gaussian, "likelihood of a normal distribution, its deviation predicted for each point"},
       [](const Answer& a, Value keypoints, Value mask, float px) {
         return likelihood_loss(a.points, a.log_deviation, keypoints, mask, {.kind = LikelihoodLoss::gaussian, .px = px});
       },
       0,
       true,
       "- log likelihood"},
      {{"laplace", Loss::laplace, "the same of a Laplace distribution, which far-off points pull less"},
       [](const Answer& a, Value keypoints, Value mask, float px) {
         return likelihood_loss(a.points, a.log_deviation, keypoints, mask, {.kind = LikelihoodLoss::laplace, .px = px});
       },
       0,
       true,
       "- log likelihood"},
      {{"cross_entropy", Loss::cross_entropy,
        "of a softmax over the coordinates, as the study's baseline has it"},
       [](const Answer& a, Value keypoints, Value mask, float) {
         return cross_entropy(a.points, shares(keypoints), mask);
       },
       0,
       false,
       "cross-entropy"},
  };
  return kRows;
}

double readable(double loss, Loss kind, double half_picture) {
  for (int i = 0; i < row_of(kind).lengths; ++i) loss *= half_picture;
  return loss;
}

std::string loss_axis(Loss kind) {
  const std::string_view axis = row_of(kind).axis;
  return axis == kDevAxis ? std::string(axis) : fmt::format("{}, {}", axis, kDevAxis);
}

}  // namespace lineament
