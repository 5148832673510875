// A picture of a head and its fifteen points, through one camera.
#pragma once
#include <array>
#include <cstdint>

#include "data/drawn/backdrop.h"
#include "data/drawn/head.h"
#include "data/drawn/raster.h"
#include "data/contest.h"

namespace lineament {

struct Portrait {
  std::array<uint8_t, contest::kPixels> pixels;
  Keypoints points;  // all fifteen, those hidden by nose, hair or glasses too
};

/// The keypoints of `head` as the camera sees them; they may lie outside the picture.
Keypoints points_in_picture(const Head& head, const Pose& pose);

Portrait draw_portrait(const Head& head, const Pose& pose, const Light& light, const Scene& scene);

}  // namespace lineament
