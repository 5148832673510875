// What is painted on the front of a head: how bright its places are, and relief too fine for triangles.
#pragma once
#include "data/drawn/canvas.h"
#include "data/drawn/head.h"

namespace lineament {

struct Skin {
  Canvas tone;    // share of the light that is thrown back
  Canvas relief;  // px towards the viewer

  /// The head's normal, bent by the relief at (x, y).
  Vec3 bend(Vec3 normal, float x, float y) const;
};

/// All of it: pores, hollows, eyes, brows, nose, mouth, creases and beard.
Skin paint_skin(const Head& head);

// The parts, in the order in which they cover each other.
void paint_complexion(Skin& skin, const Head& head);
void paint_creases(Skin& skin, const Head& head);
void paint_nose(Skin& skin, const Head& head);
void paint_beard(Skin& skin, const Head& head);
void paint_mouth(Skin& skin, const Head& head);
void paint_eye(Skin& skin, const Head& head, int which);
void paint_brow(Skin& skin, const Head& head, int which);

}  // namespace lineament
