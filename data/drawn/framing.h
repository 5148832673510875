// The camera of a portrait, and where it sees a head's points.
#pragma once
#include "data/drawn/portrait.h"

namespace lineament {

using Points68 = std::array<Place, 68>;

/// Faces are cropped by their points: turning a head moves and shrinks them, framing moves and enlarges them back.
Camera camera_for(const Surface& surface, const Head& head, const Pose& pose, Framing framing);

Points68 project_points(const Surface& surface, const Head& head, const Camera& camera);

/// The contest's fifteen, as its annotators set them.
Keypoints contest_points(const Points68& points, const Camera& camera);
/// 300-W's 68.
Keypoints ibug_points(const Points68& points);

}  // namespace lineament
