// What happens to a picture's brightness: noise, blur, tone (data/augment/filter_formulas.h).
#pragma once
#include <cstdint>
#include <span>

#include "data/augment/filter_formulas.h"
#include "data/augment/float_picture.h"

namespace lineament {

/// value = clip(value * factor).
void brighten(std::span<float> values, float factor);
void set_tone(std::span<float> values, const Tone& tone);
/// Gaussian, of this deviation, drawn from `key` by value; clipped.
void add_noise(std::span<float> values, float deviation, uint64_t key);
/// Gaussian, 5x5 taps, edges mirrored without repeating the last pixel. `sigma` in px.
void blur(const FloatPicture& picture, float sigma);
/// OpenCV's choice of sigma for five taps: 0.3 ((5 - 1) / 2 - 1) + 0.8.
inline constexpr float kBlurSigma = 1.1f;
/// One tone over a box, cut at the picture's edge.
void erase(const FloatPicture& picture, const Box& box, float tone);

}  // namespace lineament
