#include "data/augment/study_set.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/random.h"
#include "data/augment/filters.h"
#include "data/augment/warp.h"

namespace lineament {
namespace {

constexpr float kTurn = 12, kShift = 12;      // degrees, px
constexpr float kBright = 1.2f, kDark = 0.6f, kNoise = 0.03f;

/// The study turns about (48, 48) of 96x96.
std::optional<PlaneMap> move_of(StudyKind kind, const PictureShape& shape) {
  const float x = shape.centre(0), y = shape.centre(1);
  switch (kind) {
    case StudyKind::turned_left:
      return rotated(kTurn, x, y);
    case StudyKind::turned_right:
      return rotated(-kTurn, x, y);
    case StudyKind::shifted_up_left:
      return shifted(-kShift, -kShift);
    case StudyKind::shifted_up_right:
      return shifted(kShift, -kShift);
    case StudyKind::shifted_down_left:
      return shifted(-kShift, kShift);
    case StudyKind::shifted_down_right:
      return shifted(kShift, kShift);
    default:
      return {};
  }
}

void light(const FloatPicture& picture, StudyKind kind, uint64_t key) {
  if (kind == StudyKind::brighter) brighten(picture.values, kBright);
  if (kind == StudyKind::darker) brighten(picture.values, kDark);
  if (kind == StudyKind::noisy) add_noise(picture.values, kNoise, key);
  if (kind == StudyKind::blurred) blur(picture, kBlurSigma);
}

}  // namespace

std::string_view name_of(StudyKind kind) {
  static constexpr std::string_view kNames[kStudyKinds] = {"original",
                                                           "turned left",
                                                           "turned right",
                                                           "shifted up left",
                                                           "shifted up right",
                                                           "shifted down left",
                                                           "shifted down right",
                                                           "brighter",
                                                           "darker",
                                                           "noisy",
                                                           "blurred"};
  return kNames[static_cast<int>(kind)];
}

Faces study_faces(const Faces& faces, StudyKind kind, uint64_t seed) {
  if (kind == StudyKind::original) return faces;
  const std::optional<PlaneMap> map = move_of(kind, faces.shape);
  Faces out{.set = faces.set, .shape = faces.shape};
  std::vector<float> picture(faces.shape.values()), moved(picture.size());
  for (size_t row = 0; row < faces.size(); ++row) {
    const Keypoints points = map ? warp(faces.keypoints[row], *map) : faces.keypoints[row];
    if (map && !all_inside(points, faces.shape)) continue;
    std::ranges::transform(faces.image(row), picture.begin(), [](uint8_t pixel) { return to_unit(pixel); });
    if (map) {
      warp(picture, faces.shape, *map, Beyond::black, moved);
      picture.swap(moved);
    } else {
      light({picture, faces.shape}, kind, stream_key(seed, row));
    }
    for (const float v : picture)
      out.pixels.push_back(static_cast<uint8_t>(std::lround(255 * std::clamp(v, 0.0f, 1.0f))));
    out.keypoints.push_back(points);
    out.ids.push_back(faces.ids[row]);
    if (!faces.names.empty()) out.names.push_back(faces.names[row]);
  }
  return out;
}

Faces study_set(const Faces& faces, uint64_t seed) {
  Faces all{.set = faces.set, .shape = faces.shape};
  for (int kind = 0; kind < kStudyKinds; ++kind) all.append(study_faces(faces, static_cast<StudyKind>(kind), seed));
  return all;
}

}  // namespace lineament
