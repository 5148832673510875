// Throws the dice for one portrait: who is seen, how, and by what light.
#pragma once
#include "base/dice.h"
#include "data/drawn/portrait.h"

namespace lineament {

/// The same throws show one person for either framing; but the photographs that are cut by a box show more laughter and more
/// heads turned aside than the contest's faces.
Sitting throw_sitting(Dice& dice, Framing framing);

/// Shares of faces at rest, and of heads that are turned aside.
struct Crowd {
  float at_rest, aside;
};

// Its parts.
Head throw_head(const Crowd& crowd, Dice& dice);
Locks throw_locks(const Head& head, Dice& dice);
Glasses throw_glasses(Dice& dice);
Hand throw_hand(float skin, Dice& dice);

}  // namespace lineament
