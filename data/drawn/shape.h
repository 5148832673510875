// A face as 300-W's 68 points, seen from the front: what is drawn and what is told follow from it alike.
#pragma once
#include <array>

#include "base/dice.h"
#include "data/drawn/vec3.h"

namespace lineament {

/// In px of a picture where the eyes are 36 apart, from midway between them.
using FaceShape = std::array<Place, 68>;

FaceShape mean_shape();

/// A face as they were measured: 1 is their own variety.
FaceShape throw_shape(Dice& dice, float variety = 1);

/// Lowers the upper lids of one eye, 0 (right) or 1 (left), by this share of its opening; the lower one comes up a little.
void close_eye(FaceShape& shape, int which, float share);

/// Brings lower lip and chin up by this share of the gap between the lips.
void close_mouth(FaceShape& shape, float share);

/// The middle of an eye's opening, 0 (right) or 1 (left): the contest's point.
Place eye_centre(const FaceShape& shape, int which);

}  // namespace lineament
