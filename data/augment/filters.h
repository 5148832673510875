// What happens to a picture's brightness: noise, blur, tone (data/augment/filter_formulas.h). Pictures are 96x96 floats from 0 to 1.
#pragma once
#include <cstdint>
#include <span>

#include "data/augment/filter_formulas.h"

namespace lineament {

/// value = clip(value * factor).
void brighten(std::span<float> picture, float factor);
void set_tone(std::span<float> picture, const Tone& tone);
/// Gaussian, of this deviation, drawn from `key` by pixel; clipped.
void add_noise(std::span<float> picture, float deviation, uint64_t key);
/// Gaussian, 5x5 taps, edges mirrored without repeating the last pixel. `sigma` in px.
void blur(std::span<float> picture, float sigma);
/// OpenCV's choice of sigma for five taps: 0.3 ((5 - 1) / 2 - 1) + 0.8.
inline constexpr float kBlurSigma = 1.1f;
/// One tone over a box, cut at the picture's edge.
void erase(std::span<float> picture, const Box& box, float tone);

}  // namespace lineament
