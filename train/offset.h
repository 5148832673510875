// What a network's answers are off by on average: a few numbers that the loss does not teach it.
#pragma once
#include "data/faces.h"
#include "network/network.h"

namespace lineament {

/// Adds to the offset that the network's answers have (models/heads.h: kAnswerOffset) the mean error of each coordinate, on at most
/// so many rows of `faces`, those with the most labels, as they are. Learned from mirror images, a network answers symmetrically;
/// labels seldom are: in the contest's data they lie a quarter of a px beside the pictures' middle. Nothing where the network has
/// no offset.
void settle_offset(Network& network, const Faces& faces, int batch, size_t rows = 512);

}  // namespace lineament
