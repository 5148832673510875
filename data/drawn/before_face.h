// What stands between the camera and the face: glasses, hands, other things.
#pragma once
#include "data/drawn/canvas.h"
#include "data/drawn/light.h"
#include "data/drawn/surface.h"

namespace lineament {

struct Glasses {
  float rim = 0;                                                        // px of its stroke; 0: none are worn
  float tone = 0.08f, width = 12, height = 9, square = 3, drop = 1.5f;  // square: 2 round ... 5 boxes
  float tint = 0;                                                       // of the lenses: 0.85 are sunglasses
  float glare = 0;                                                      // of a reflection across them
};

/// Fingers, or anything else that long: they come from a place outside to one on the face, side by side.
struct Hand {
  int fingers = 0;
  int towards = 4;             // the point of the jaw that they touch
  float reach = 8, angle = 0;  // px beyond it that they reach; radians by which they lie off the way in
  float thick = 4.2f, tone = 0.6f, length = 70;
};

void draw_glasses(Canvas& picture, const Glasses& glasses, const Head& head, const Surface& surface,
                  const Camera& camera);
void draw_hand(Canvas& picture, const Hand& hand, const Head& head, const Surface& surface, const Camera& camera,
               const Light& light);

}  // namespace lineament
