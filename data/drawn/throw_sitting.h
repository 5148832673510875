// Throws the dice for one portrait: who is seen, how, and by what light.
#pragma once
#include "base/dice.h"
#include "data/drawn/portrait.h"

namespace lineament {

Sitting throw_sitting(Dice& dice);

}  // namespace lineament
