// A set of faces as the contest gives them: grey pictures and fifteen points, any of which may be missing.
#pragma once
#include <array>
#include <cstdint>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lineament {

inline constexpr int kImageSize = 96;                         // pixels to a side
inline constexpr int kPixels = kImageSize * kImageSize;       // 9,216
inline constexpr int kPoints = 15;                            // keypoints
inline constexpr int kCoordinates = 2 * kPoints;              // x and y of each, in that order
inline constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

/// Keypoints as networks answer them, in half pictures from the centre, and as people read them: px = 48 + 48 y.
inline constexpr float kHalfPicture = 48;
constexpr float to_pixels(float y) { return kHalfPicture + kHalfPicture * y; }
constexpr float from_pixels(float px) { return (px - kHalfPicture) / kHalfPicture; }
/// Brightness from 0 to 255 as 0 to 1.
constexpr float to_unit(uint8_t pixel) { return static_cast<float>(pixel) / 255.0f; }

/// The contest's column names, in its order: left and right are the person's own.
inline constexpr std::array<std::string_view, kCoordinates> kCoordinateNames = {
    "left_eye_center_x",         "left_eye_center_y",         "right_eye_center_x",
    "right_eye_center_y",        "left_eye_inner_corner_x",   "left_eye_inner_corner_y",
    "left_eye_outer_corner_x",   "left_eye_outer_corner_y",   "right_eye_inner_corner_x",
    "right_eye_inner_corner_y",  "right_eye_outer_corner_x",  "right_eye_outer_corner_y",
    "left_eyebrow_inner_end_x",  "left_eyebrow_inner_end_y",  "left_eyebrow_outer_end_x",
    "left_eyebrow_outer_end_y",  "right_eyebrow_inner_end_x", "right_eyebrow_inner_end_y",
    "right_eyebrow_outer_end_x", "right_eyebrow_outer_end_y", "nose_tip_x",
    "nose_tip_y",                "mouth_left_corner_x",       "mouth_left_corner_y",
    "mouth_right_corner_x",      "mouth_right_corner_y",      "mouth_center_top_lip_x",
    "mouth_center_top_lip_y",    "mouth_center_bottom_lip_x", "mouth_center_bottom_lip_y"};

/// "left_eye_center": the name of keypoint `point`, 0 to 14.
constexpr std::string_view point_name(int point) {
  const std::string_view x = kCoordinateNames[2 * point];
  return x.substr(0, x.size() - 2);
}

/// Coordinates of one face in px from the top left corner; NaN where missing.
using Keypoints = std::array<float, kCoordinates>;

inline bool is_complete(const Keypoints& points) {
  for (float v : points)
    if (std::isnan(v)) return false;
  return true;
}

/// Rows in file order. `pixels` holds size() * kPixels bytes, row-major; empty for a table of labels alone.
struct Faces {
  std::vector<uint8_t> pixels;
  std::vector<Keypoints> keypoints;      // all missing for unlabelled faces
  std::vector<int> ids;                  // 1-based data row in its file, or ImageId for a test set

  size_t size() const { return keypoints.size(); }
  std::span<const uint8_t> image(size_t row) const { return {pixels.data() + row * kPixels, kPixels}; }
  std::span<uint8_t> image(size_t row) { return {pixels.data() + row * kPixels, kPixels}; }
  /// The rows named, in that order.
  Faces select(std::span<const size_t> rows) const;
};

}  // namespace lineament
