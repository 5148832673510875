#include "data/drawn/film.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/dice.h"

namespace lineament {
namespace {

constexpr int kSide = contest::kSide;

float& at(Plane& plane, int x, int y) {
  return plane[std::clamp(y, 0, kSide - 1) * kSide + std::clamp(x, 0, kSide - 1)];
}

/// Passes of (a, 1 - 2a, a) along both axes; a is 1/4, less in the last of a fractional amount.
void soften(Plane& plane, float amount) {
  for (; amount > 0; amount -= 1) {
    const float a = 0.25f * std::min(amount, 1.0f);
    for (int stride : {1, kSide}) {
      const Plane from = plane;
      for (int i = 0; i < contest::kPixels; ++i) {
        const int place = stride == 1 ? i % kSide : i / kSide;
        const float before = from[place > 0 ? i - stride : i], after = from[place + 1 < kSide ? i + stride : i];
        plane[i] = a * before + (1 - 2 * a) * from[i] + a * after;
      }
    }
  }
}

void move(Plane& plane, float dx, float dy) {
  const int steps = int(std::max(std::abs(dx), std::abs(dy)) + 0.5f);
  if (steps < 1) return;
  Plane from = plane;
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      float sum = 0;
      for (int k = -steps; k <= steps; ++k) {
        const float t = 0.5f * float(k) / float(steps);
        sum += at(from, int(std::lround(float(x) + t * dx)), int(std::lround(float(y) + t * dy)));
      }
      plane[y * kSide + x] = sum / float(2 * steps + 1);
    }
  }
}

using Cosines = std::array<std::array<float, 8>, 8>;

/// What JPEG does to a grey picture: the cosine transform of each 8x8 block, its finer parts rounded more coarsely.
void compress(Plane& plane, float step) {
  static const Cosines cosines = [] {
    Cosines c;
    for (int k = 0; k < 8; ++k)
      for (int i = 0; i < 8; ++i)
        c[k][i] = (k ? 0.5f : 0.35355339f) * float(std::cos((2 * i + 1) * k * std::numbers::pi / 16));
    return c;
  }();
  using Block = std::array<std::array<float, 8>, 8>;
  auto transform = [&](const Block& from, bool back) {  // rows, and turned: twice is both ways
    Block to{};
    for (int i = 0; i < 8; ++i)
      for (int k = 0; k < 8; ++k)
        for (int j = 0; j < 8; ++j) to[k][i] += from[i][j] * (back ? cosines[j][k] : cosines[k][j]);
    return to;
  };
  for (int top = 0; top < kSide; top += 8) {
    for (int left = 0; left < kSide; left += 8) {
      Block block;
      for (int y = 0; y < 8; ++y)
        for (int x = 0; x < 8; ++x) block[y][x] = plane[(top + y) * kSide + left + x];
      block = transform(transform(block, false), false);
      for (int y = 0; y < 8; ++y)
        for (int x = 0; x < 8; ++x) {
          const float by = step * (1 + 0.35f * float(x + y));
          block[y][x] = by * std::round(block[y][x] / by);
        }
      block = transform(transform(block, true), true);
      for (int y = 0; y < 8; ++y)
        for (int x = 0; x < 8; ++x) plane[(top + y) * kSide + left + x] = block[y][x];
    }
  }
}

/// What the camera's meter says of the middle, where faces are.
float metered(const Plane& plane) {
  float sum = 0;
  for (int y = 30; y < 80; ++y)
    for (int x = 25; x < 70; ++x) sum += plane[y * kSide + x];
  return sum / (50 * 45);
}

void repeat_edges(Plane& plane, const std::array<int, 4>& beyond) {
  const auto [left, top, right, bottom] = beyond;
  if (left + top + right + bottom == 0) return;
  const Plane from = plane;
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x)
      plane[y * kSide + x] =
          from[std::clamp(y, top, kSide - 1 - bottom) * kSide + std::clamp(x, left, kSide - 1 - right)];
}

}  // namespace

std::array<uint8_t, contest::kPixels> develop(Plane plane, const Film& film) {
  soften(plane, film.blur);
  move(plane, film.motion_x, film.motion_y);
  if (film.sharpen > 0) {
    Plane smooth = plane;
    soften(smooth, 1.5f);
    for (int i = 0; i < contest::kPixels; ++i) plane[i] += film.sharpen * (plane[i] - smooth[i]);
  }
  if (film.exposure > 0) {
    const float gain = film.exposure / std::max(0.02f, metered(plane));
    for (float& tone : plane) tone *= gain;
  }
  Dice grain(film.texture, 1);
  for (float& tone : plane) {
    tone = std::max(0.0f, tone);
    if (film.gamma != 1) tone = std::pow(tone, film.gamma);
    tone = 255 * (film.offset + film.gain * tone);
    if (film.grain > 0) tone += film.grain * grain.normal();
    tone = std::clamp(tone, 0.0f, 255.0f);
  }
  if (film.compression > 0) compress(plane, film.compression);
  repeat_edges(plane, film.beyond);
  std::array<uint8_t, contest::kPixels> pixels;
  for (int i = 0; i < contest::kPixels; ++i) pixels[i] = uint8_t(std::clamp(plane[i] + 0.5f, 0.0f, 255.0f));
  return pixels;
}

}  // namespace lineament
