// The study's expanded training set: every face as it is, turned, shifted, brighter, darker, noisy and blurred.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "data/faces.h"

namespace lineament {

/// The kinds, in the order of the set.
enum class StudyKind : uint8_t {
  original,
  turned_left,  // by 12 degrees about the middle
  turned_right,
  shifted_up_left,  // by 12 px along both axes; rows whose keypoints leave the picture are dropped, in the next three too
  shifted_up_right,
  shifted_down_left,
  shifted_down_right,
  brighter,  // x 1.2, clipped
  darker,    // x 0.6
  noisy,     // Gaussian noise of 0.03
  blurred,   // 5x5 Gaussian
};
inline constexpr int kStudyKinds = 11;

/// "turned left": for sheets.
std::string_view name_of(StudyKind kind);

/// All rows of `faces` as `kind` shows them, noise drawn from (seed, row). Moved rows whose keypoints would leave the
/// picture are left out. Bicubic, black beyond the picture's edge.
Faces study_faces(const Faces& faces, StudyKind kind, uint64_t seed);

/// All kinds, one after the other.
Faces study_set(const Faces& faces, uint64_t seed);

}  // namespace lineament
