// Hair: where it grows on a head, how it looks there, and the locks that hang from it.
#pragma once
#include "data/drawn/canvas.h"
#include "data/drawn/light.h"
#include "data/drawn/surface.h"

namespace lineament {

/// How far above the edge of the hair (or cap) a place lies, in px: negative on bare skin. `around` as in Surface::point().
float hair_depth(const Head& head, Place seen, float around);

/// How far hair stands off the skin there, in px.
float hair_lift(const Head& head, Place seen, float around);

/// Strands: noise drawn out along the way that they fall.
float hair_tone(const Head& head, Place seen, float around);

/// Locks in the air, thrown once and drawn in two turns.
struct Locks {
  float length = 0;       // px below the ears that they reach; 0: none hang
  float forward = 0;      // how far they come over the cheeks, in px
  int loose = 0;          // strands across forehead and eyes
  float loose_fall = 20;  // px from the hairline that these reach
};

/// Those behind the head (or beside it, on the side turned away), before the head is drawn; or those before it, after.
void draw_locks(Canvas& picture, const Head& head, const Surface& surface, const Locks& locks, const Camera& camera,
                const Light& light, bool before_head);

}  // namespace lineament
