// What happens to a picture's brightness: noise, blur, tone. Pictures are 96x96 floats from 0 to 1.
#pragma once
#include <cstdint>
#include <span>

namespace lineament {

/// value = clip(value * factor).
void brighten(std::span<float> picture, float factor);
/// Contrast about the middle grey, then brightness, then gamma: clip((value - 0.5) * contrast + 0.5 + brightness)^gamma.
struct Tone {
  float brightness = 0, contrast = 1, gamma = 1;
};
void set_tone(std::span<float> picture, const Tone& tone);
/// Gaussian, of this deviation, drawn from `key` by pixel; clipped.
void add_noise(std::span<float> picture, float deviation, uint64_t key);
/// Gaussian, 5x5 taps, edges mirrored without repeating the last pixel (OpenCV's default). `sigma` in px.
void blur(std::span<float> picture, float sigma);
/// OpenCV's choice of sigma for five taps: 0.3 ((5 - 1) / 2 - 1) + 0.8.
inline constexpr float kBlurSigma = 1.1f;
/// One tone over the box from (x, y) on, cut at the picture's edge.
struct Box {
  int x, y, width, height;
};
void erase(std::span<float> picture, const Box& box, float tone);

}  // namespace lineament
