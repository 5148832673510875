// Losses of one coordinate's error d, less steep than its square where d is large; each with its slope.
#pragma once
#include "kernels/formulas.h"

namespace lineament {

template <class T>
LINEAMENT_HD inline T point_loss(const PointLoss& f, T d) {
  const T size = d < T(0) ? -d : d, limit = static_cast<T>(f.limit);
  switch (f.kind) {
    case PointLoss::l1:
      return size;
    case PointLoss::smooth_l1:  // Huber's over `limit`, as PyTorch's smooth_l1_loss with beta
      return size < limit ? size * size / (2 * limit) : size - limit / 2;
    case PointLoss::wing: {  // arXiv:1711.06753
      const T curve = static_cast<T>(f.curve);
      const T least = limit - limit * static_cast<T>(log1p(limit / curve));
      return size < limit ? limit * static_cast<T>(log1p(size / curve)) : size - least;
    }
  }
  return size;
}

/// 0 at 0, where it jumps.
template <class T>
LINEAMENT_HD inline T point_loss_slope(const PointLoss& f, T d) {
  const T size = d < T(0) ? -d : d, sign = d > T(0) ? T(1) : d < T(0) ? T(-1) : d, limit = static_cast<T>(f.limit);
  switch (f.kind) {
    case PointLoss::l1:
      return sign;
    case PointLoss::smooth_l1:
      return size < limit ? d / limit : sign;
    case PointLoss::wing:
      return size < limit ? sign * limit / (static_cast<T>(f.curve) + size) : sign;
  }
  return sign;
}

}  // namespace lineament
