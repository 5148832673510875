// Pictures as kernels walk them: NHWC in memory, and the checks that spatial ops share.
#pragma once
#include "kernels/padding.h"

namespace lineament {

/// [n, h, w, c] over memory that belongs to somebody else.
template <class T>
struct Pixels {
  T* data;
  int n, h, w, c;

  /// The c channels of one pixel.
  constexpr T* at(int picture, int y, int x) const { return data + ((int64_t{picture} * h + y) * w + x) * c; }
  int64_t count() const { return int64_t{n} * h * w; }
};

template <class T>
Pixels<T> pixels(const View& view) {
  const Shape& s = view.shape();
  return {view.as<T>(), static_cast<int>(s[0]), static_cast<int>(s[1]), static_cast<int>(s[2]),
          static_cast<int>(s[3])};
}

/// Every input floats, in one type.
inline void check_floats(const char* op, std::span<const Desc> in) {
  for (const Desc& d : in)
    check(d.dtype == in[0].dtype && (d.dtype == DType::f32 || d.dtype == DType::f64),
          "{}: {} beside {}, expected one floating type", op, to_string(d), to_string(in[0]));
}

inline void check_shape(const char* op, const char* what, const Desc& desc, const Shape& expected) {
  check(desc.shape == expected, "{}: {} {}, expected {}", op, what, to_string(desc.shape),
        to_string(expected));
}

}  // namespace lineament
