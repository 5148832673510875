#include "network/losses.h"

#include "kernels/ops.h"

namespace lineament {
namespace {

constexpr std::string_view kDevAxis = "MSE [px²]";

/// Cross-entropy wants targets that are not negative: coordinates as shares of the picture's side.
Value shares(Value half_pictures) { return affine(half_pictures, {.scale = {0.5f}, .shift = {0.5f}}); }

}  // namespace

std::span<const LossRow> Choices<Loss>::rows() {
  static constexpr LossRow kRows[] = {
      {{"mean_squared_error", Loss::mean_squared_error, "of the coordinates"},
       mean_squared_error,
       2,
       kDevAxis},
      {{"cross_entropy", Loss::cross_entropy,
        "of a softmax over the coordinates, as the study's baseline has it"},
       [](Value prediction, Value keypoints, Value mask) {
         return cross_entropy(prediction, shares(keypoints), mask);
       },
       0,
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
