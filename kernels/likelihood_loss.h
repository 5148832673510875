// What a coordinate's error e counts where its deviation is predicted too, exp(s), both in px: - log density, constants left out.
#pragma once
#include "kernels/formulas.h"

namespace lineament {

/// gaussian: (e / deviation)^2 / 2 + s; laplace: |e| / deviation + s.
template <class T>
LINEAMENT_HD inline T likelihood_loss(LikelihoodLoss::Kind kind, T e, T s) {
  const T share = e * static_cast<T>(exp(-s));
  return s + (kind == LikelihoodLoss::gaussian ? share * share / 2 : share < T(0) ? -share : share);
}

/// By e.
template <class T>
LINEAMENT_HD inline T likelihood_slope(LikelihoodLoss::Kind kind, T e, T s) {
  const T inverse = static_cast<T>(exp(-s));
  if (kind == LikelihoodLoss::gaussian) return e * inverse * inverse;
  return e > T(0) ? inverse : e < T(0) ? -inverse : e;
}

/// By s.
template <class T>
LINEAMENT_HD inline T likelihood_deviation_slope(LikelihoodLoss::Kind kind, T e, T s) {
  const T share = e * static_cast<T>(exp(-s));
  return 1 - (kind == LikelihoodLoss::gaussian ? share * share : share < T(0) ? -share : share);
}

}  // namespace lineament
