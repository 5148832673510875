// Where a window lands: tap (i, j) at position (y, x) reads pixel (y stride + i - top, x stride + j - left).
#pragma once
#include <algorithm>
#include <tuple>
#include <utility>

#include "kernels/ops.h"

namespace lineament {

/// A filter or pool of kh x kw taps that stops at oh x ow positions over an h x w picture, its padding
/// resolved: the parameters of every op that slides.
/// Taps that land outside the picture read zeros; pools skip them.
struct Window {
  int h, w;
  int kh, kw, stride;
  int top, left;
  int oh, ow;
  Activation activation = Activation::none;  // of a convolution's sums

  int taps() const { return kh * kw; }
  /// Rows and columns of zeros read after the picture; negative where the last pixels are read by no tap.
  int bottom() const { return (oh - 1) * stride + kh - h - top; }
  int right() const { return (ow - 1) * stride + kw - w - left; }
  /// A 1x1 filter that visits every pixel: the op is a plain matrix product.
  bool pointwise() const { return taps() == 1 && stride == 1 && oh == h && ow == w; }
};

/// Half-open.
struct Range {
  int first, last;
};

/// The taps that land inside a picture of `size` pixels when tap 0 lands on pixel `start`.
constexpr Range taps_inside(int start, int taps, int size) {
  return {std::min(taps, std::max(0, -start)), std::max(0, std::min(taps, size - start))};
}

/// The positions, of `positions`, that have a tap on `pixel`;
/// position p does by tap pixel + before - p stride.
constexpr Range positions_over(int pixel, int before, int taps, int stride, int positions) {
  int reach = std::max(0, pixel + before - taps + stride);
  return {reach / stride, std::min(positions, (pixel + before) / stride + 1)};
}

/// Keras's "same" gives ceil(size / stride) positions and puts the odd pixel of padding at the end.
inline std::pair<int, int> same_padding(int size, int taps, int stride) {
  int positions = (size + stride - 1) / stride;
  int total = std::max(0, (positions - 1) * stride + taps - size);
  return {total / 2, total - total / 2};
}

/// The window of `op` over pictures x [n,h,w,c]; a logic error names the op when no position fits.
inline Window window_over(const char* op, const Shape& x, int kh, int kw, int stride,
                          const Padding& padding) {
  check(x.rank() == 4, "{}: x {}, expected [n, h, w, c]", op, to_string(x));
  check(kh > 0 && kw > 0 && stride > 0, "{}: {}x{} taps with stride {}, expected positive numbers", op, kh,
        kw, stride);
  int h = static_cast<int>(x[1]), w = static_cast<int>(x[2]);
  int top = 0, bottom = 0, left = 0, right = 0;  // "valid"
  if (padding.kind == Padding::kSame) {
    std::tie(top, bottom) = same_padding(h, kh, stride);
    std::tie(left, right) = same_padding(w, kw, stride);
  } else if (padding.kind == Padding::kGiven) {
    std::tie(top, bottom, left, right) = std::tie(padding.top, padding.bottom, padding.left, padding.right);
    check(std::min({top, bottom, left, right}) >= 0, "{}: padding {} {} {} {}, expected none negative", op,
          top, bottom, left, right);
  }
  int spare_h = h + top + bottom - kh, spare_w = w + left + right - kw;
  check(spare_h >= 0 && spare_w >= 0, "{}: {}x{} taps do not fit x {} with padding {} {} {} {}", op, kh, kw,
        to_string(x), top, bottom, left, right);
  return {h, w, kh, kw, stride, top, left, spare_h / stride + 1, spare_w / stride + 1};
}

}  // namespace lineament
