#include "data/augment/study_set.h"

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "data/augment/filters.h"
#include "data/augment/warp.h"

namespace lineament {
namespace {

constexpr float kTurn = 12, kShift = 12;      // degrees, px
constexpr float kMiddle = kImageSize / 2.0f;  // the study turns about (48, 48)
constexpr float kBright = 1.2f, kDark = 0.6f, kNoise = 0.03f;

struct Move {
  StudyKind kind;
  PlaneMap map;
};
const Move kMoves[] = {
    {StudyKind::turned_left, rotated(kTurn, kMiddle, kMiddle)},
    {StudyKind::turned_right, rotated(-kTurn, kMiddle, kMiddle)},
    {StudyKind::shifted_up_left, shifted(-kShift, -kShift)},
    {StudyKind::shifted_up_right, shifted(kShift, -kShift)},
    {StudyKind::shifted_down_left, shifted(-kShift, kShift)},
    {StudyKind::shifted_down_right, shifted(kShift, kShift)},
};

void light(std::span<float> picture, StudyKind kind, uint64_t key) {
  if (kind == StudyKind::brighter) brighten(picture, kBright);
  if (kind == StudyKind::darker) brighten(picture, kDark);
  if (kind == StudyKind::noisy) add_noise(picture, kNoise, key);
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
  const Move* move = std::ranges::find(kMoves, kind, &Move::kind);
  const bool moves = move != std::end(kMoves);
  Faces out;
  std::vector<float> picture(kPixels), moved(kPixels);
  for (size_t row = 0; row < faces.size(); ++row) {
    const Keypoints points = moves ? warp(faces.keypoints[row], move->map) : faces.keypoints[row];
    if (moves && !all_inside(points)) continue;
    for (size_t i = 0; i < kPixels; ++i) picture[i] = faces.image(row)[i] / 255.0f;
    if (moves) {
      warp(picture, move->map, Beyond::black, moved);
      picture.swap(moved);
    } else {
      light(picture, kind, stream_key(seed, row));
    }
    for (const float v : picture)
      out.pixels.push_back(static_cast<uint8_t>(std::lround(255 * std::clamp(v, 0.0f, 1.0f))));
    out.keypoints.push_back(points);
    out.ids.push_back(faces.ids[row]);
  }
  return out;
}

Faces study_set(const Faces& faces, uint64_t seed) {
  Faces all;
  for (int kind = 0; kind < kStudyKinds; ++kind) {
    const Faces part = study_faces(faces, static_cast<StudyKind>(kind), seed);
    all.pixels.insert(all.pixels.end(), part.pixels.begin(), part.pixels.end());
    all.keypoints.insert(all.keypoints.end(), part.keypoints.begin(), part.keypoints.end());
    all.ids.insert(all.ids.end(), part.ids.begin(), part.ids.end());
  }
  return all;
}

}  // namespace lineament
