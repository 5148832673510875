// Labelled photographs: what the formats of other tools hold, before faces are cut out of them.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/face_crop.h"
#include "data/faces.h"

namespace lineament {

inline constexpr double kFarthestPlace = 1e6;  // px: a labelled place further out is a broken file
inline constexpr double kLeastSide = 0.01;     // px: a box that is narrower has no area

/// What a labelling says of a point, with COCO's numbers.
enum class PointState : uint8_t { missing, hidden, seen };

struct LabelledFace {
  std::string photograph;           // a file, as it can be opened
  std::optional<FaceBox> box = {};
  std::vector<double> points;       // x and y of each of the set's in turn, px of the photograph; NaN where missing
  std::vector<PointState> states;   // of each
};

struct LabelledPhotographs {
  KeypointSet set;
  std::vector<LabelledFace> faces;  // in the order of the file, or of the names in a folder
  std::vector<std::string> notes = {};  // for people, a line each: what in the labelling was left out
};

/// The same faces with the points of another set: a derived one is missing or hidden where one of its sources is. InputError as
/// means_between().
LabelledPhotographs with_set(LabelledPhotographs labelled, const KeypointSet& set);

struct CutReport {
  size_t outside = 0;  // points that lie beyond the edge of their photograph; they are kept
};

/// The box that `crop` asks for, without a margin: the labelled one, or the extent of the points, each where the other is missing
/// or has no area. None for CropFrom::whole, and where there is neither.
std::optional<FaceBox> box_of(const LabelledFace& face, CropFrom from);

/// The face of each row in a picture of `shape`: cut out by `crop`, edges of the photograph replicated, names the stems of the
/// files' names, ids the rows from 1. A whole photograph gets no margin, but is grown to the aspect of `shape`. Photographs are
/// decoded side by side, each no finer than its face needs. InputError, by the photograph's name, where one is missing, damaged,
/// or a face has neither points nor a box of any area.
Faces cut_faces(const LabelledPhotographs& labelled, const PictureShape& shape, const FaceCrop& crop, CutReport& report);

}  // namespace lineament
