// The measures of a drawn head.
#pragma once
#include <cstdint>

namespace lineament {

enum class Hair { kBald, kShort, kFringe, kLong, kCap };

/// Lengths in px of a picture where the eyes are 36 apart. x runs to the picture's right (the person's left),
/// y down, z to the viewer; the origin lies within the head, midway between the eyes.
/// Defaults: a neutral, frontal face.
struct Head {
  // Bones: half the breadth of the face, from the eyes to crown and chin, from the axis to the face.
  float half_width = 41, crown = 66, chin = 60, depth = 43;
  float jaw = 2.7f;  // 2: an oval, 3: square
  float nose_length = 22, nose_height = 13, nose_width = 9;
  float cheeks = 3, brow_ridge = 2;

  float eye_x = 18, eye_half_width = 7, eye_tilt = 0.6f;  // tilt: px by which the outer corner is higher
  float eye_open = 1;                                     // 0 shut, 1 at rest
  float gaze_x = 0, gaze_y = 0;
  float brow_y = -9, brow_arch = 2.5f, brow_slope = 0, brow_thickness = 2, brow_length = 24;
  float brow_lift[2] = {0, 0};  // left, right

  float mouth_y = 37.5f, mouth_half_width = 14.5f, lip_upper = 3, lip_lower = 4;
  float smile = 0;       // -0.5 sad ... 1
  float mouth_open = 0;  // 0 ... 1
  bool teeth = false;

  // Brightness: 0 black, 1 white.
  float skin = 0.7f, iris = 0.25f, lips = 0.7f, brows = 0.25f, hair_tone = 0.15f;
  Hair hair = Hair::kShort;
  float hairline = -31, hair_thickness = 5;
  float temples = 0;                   // px by which the hair recedes there
  float fringe_slope = 0, ragged = 0;  // of the hairline: its fall to the left, the height of its jags
  float parting = 0;                   // x from which the strands fall
  float beard = 0, moustache = 0;      // 0 none ... 1 dark
  float glasses = 0;                   // 0 none ... 1 dark rims
  bool sunglasses = false;
  float wrinkles = 0;
  uint32_t texture = 1;  // seed of strands and pores
};

}  // namespace lineament
