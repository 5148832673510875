// How bright the places of a head are: skin, and over it eyes, brows, lips, beard, glasses and hair.
#pragma once
#include "data/drawn/head_features.h"

namespace lineament {

/// Share of the light that the place at (x, y), as seen from the front, throws back. `cosine` is that of the
/// angle from straight ahead: the back of the head has no features.
float albedo(const Head& head, const Features& features, float x, float y, float cosine);

/// Share of the ambient light that reaches (x, y): less in eye sockets, beside the nose, below the lip.
float openness(const Head& head, const Features& features, float x, float y);

}  // namespace lineament
