// How a face is cut out of its photograph: a property of a network, which has seen faces cut out in this way alone.
#pragma once
#include <optional>
#include <span>

#include "base/choice.h"
#include "data/picture_shape.h"

namespace lineament {

/// In px of the photograph, 0 at the centre of its first pixel.
struct FaceBox {
  double x = 0, y = 0;  // upper left corner
  double width = 0, height = 0;
  bool operator==(const FaceBox&) const = default;
};

enum class CropFrom {
  whole,   // the picture is the face: the contest's, drawn faces
  points,  // the extent of the points that are there
  box,     // the labelled box; the extent of the points where there is none
};

template <>
struct Choices<CropFrom> {
  static std::span<const Choice<CropFrom>> rows() {
    static constexpr Choice<CropFrom> table[] = {
        {"whole", CropFrom::whole, "the picture is the face"},
        {"points", CropFrom::points, "the extent of the points that are there"},
        {"box", CropFrom::box, "the labelled box, or the extent of the points where there is none"}};
    return table;
  }
};

struct FaceCrop {
  CropFrom from = CropFrom::box;
  float margin = 0.35f;  // the box is made so much wider and higher, as a share of itself, before it takes the picture's aspect
  bool operator==(const FaceCrop&) const = default;
};

/// The box of all points that are there (x and y of each in turn, NaN where missing); none where no point is.
std::optional<FaceBox> extent_of(std::span<const double> points);

/// `box` with its margin, then grown along one axis to the aspect of `shape`, about its middle.
FaceBox with_margin(const FaceBox& box, float margin, const PictureShape& shape);

/// Where a place of the photograph lies in the picture that `box` becomes, and back. Pixel centres lie on whole numbers, so
/// the box's edge is the outer edge of the picture's first pixels: px = (x - box.x) / box.width * width - 0.5.
struct CropMap {
  FaceBox box;
  PictureShape shape;

  double x(double photo_x) const { return (photo_x - box.x) / box.width * shape.width - 0.5; }
  double y(double photo_y) const { return (photo_y - box.y) / box.height * shape.height - 0.5; }
  double photo_x(double x) const { return (x + 0.5) / shape.width * box.width + box.x; }
  double photo_y(double y) const { return (y + 0.5) / shape.height * box.height + box.y; }
};

}  // namespace lineament
