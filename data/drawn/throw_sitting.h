// Throws the dice for one portrait: who is seen, how, and by what light.
#pragma once
#include "base/dice.h"
#include "data/drawn/portrait.h"

namespace lineament {

/// The same throws show one person for either framing; but the photographs that are cut by a box show more laughter and more
/// heads turned aside than the contest's faces.
Sitting throw_sitting(Dice& dice, Framing framing);

}  // namespace lineament
