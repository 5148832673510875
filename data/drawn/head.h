// The measures of a drawn head: its outline as points, and all that a picture of it needs beside.
#pragma once
#include <cstdint>

#include "data/drawn/shape.h"

namespace lineament {

enum class Hair { kBald, kShort, kFringe, kLong, kCap, kScarf };

/// Lengths in px of a picture where the eyes are 36 apart; the origin lies midway between them, z = 0 at the eyes.
/// Defaults: the mean face, at rest.
struct Head {
  FaceShape shape = mean_shape();

  // Bones, beyond what the outline says.
  float crown = 66;       // from the eyes to the top
  float nose_height = 1;  // times the usual
  float brow_ridge = 3, cheeks = 2.5f, eye_depth = 3;

  // Brightness: 0 black, 1 white.
  float skin = 0.6f, mottle = 0.06f, gloss = 0.1f;
  float lips = 0.75f;                                  // times the skin's
  float iris = 0.25f, iris_size = 3.6f, pupil = 1.5f;  // sizes: px from the middle
  float catchlight = 0.6f;                             // how bright the lamp is in the eyes
  float gaze_x = 0, gaze_y = 0;                        // of the irises, in px from the middle of the eyes
  float liner = 0.5f;                                  // how dark the lashes are
  float lid_crease = 2.4f;                             // px above the lid; none below 1
  float bags = 0.3f;
  float brow_tone = 0.25f, brow_thickness = 2, brow_cover = 0.8f;
  float teeth = 1;  // share of an open mouth's upper half that they fill
  float folds = 0.4f, wrinkles = 0.2f, freckles = 0;

  Hair hair = Hair::kShort;
  float hair_tone = 0.15f, hairline = -40, hair_thickness = 5;
  float temples = 0;                            // px by which the hair recedes there
  float fringe_slope = 0, ragged = 0;           // of the hairline: its fall to the left, the height of its jags
  float parting = 0;                            // x from which the strands fall
  float beard = 0, moustache = 0, stubble = 0;  // 0 none ... 1 dark
  uint32_t texture = 1;                         // seed of strands and pores
};

}  // namespace lineament
