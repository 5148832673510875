// How bright a head is at each place: skin first, then features painted over it, each with a soft edge.
#include "data/drawn/head_colour.h"

#include <algorithm>
#include <cmath>

#include "base/dice.h"

namespace lineament {
namespace {

/// Covers with a brightness: the brush.
void paint(float& tone, float cover, float with) { tone += cover * (with - tone); }

/// 1 where `depth` is well inside, 0 where well outside: an edge 2 * `blur` px wide.
float covered(float depth, float blur = 0.5f) { return std::clamp(0.5f + 0.5f * depth / blur, 0.0f, 1.0f); }

void paint_eye(const Head& head, const Eye& eye, float x, float y, float& tone) {
  float s = eye.along(x);
  if (std::abs(s) > 1.5f || std::abs(y) > 9) return;
  float clipped = std::clamp(s, -1.0f, 1.0f), upper = eye.upper_lid(clipped), lower = eye.lower_lid(clipped);
  float ends = (1 - std::abs(s)) * eye.half_width;
  float open = covered(std::min({y - upper, lower - y, ends + 0.4f}), 0.45f);
  if (open > 0) {
    float ball = 0.78f - 0.25f * s * s - 0.35f * covered(1.2f - (y - upper), 1.2f);
    float dx = x - eye.centre().x - head.gaze_x, dy = y - eye.centre().y - head.gaze_y;
    float from_pupil = std::sqrt(dx * dx + dy * dy);
    paint(ball, covered(3.3f - from_pupil), head.iris);
    paint(ball, covered(1.5f - from_pupil), 0.02f);
    float gx = dx + 1, gy = dy + 1;
    paint(ball, 0.8f * covered(0.8f - std::sqrt(gx * gx + gy * gy)), 1.0f);
    paint(tone, open, ball);
  }
  float lash = covered(0.75f - std::abs(y - upper + 0.3f), 0.5f) * covered(ends + 1, 1.0f);
  paint(tone, 0.85f * lash, 0.3f * head.skin * (0.4f + head.skin));
  paint(tone, 0.3f * covered(0.5f - std::abs(y - lower - 0.4f), 0.6f) * covered(ends, 1.0f), 0.4f * head.skin);
  float crease = upper - 2.1f + 0.5f * clipped * clipped;
  paint(tone, 0.35f * covered(0.5f - std::abs(y - crease), 0.6f) * covered(ends + 0.5f, 1.5f),
        0.45f * head.skin);
  float bag = lower + 3.2f;
  paint(tone, 0.35f * head.wrinkles * covered(0.5f - std::abs(y - bag), 0.7f) * covered(ends - 1, 1.5f),
        0.5f * head.skin);
}

void paint_brow(const Head& head, const Brow& brow, float x, float y, float& tone) {
  float s = brow.along(x), length = std::abs(brow.outer.x - brow.inner.x);
  float clipped = std::clamp(s, 0.0f, 1.0f), half = 0.5f * brow.thickness * (1.15f - 0.75f * clipped) + 0.25f;
  float ends = std::min(s, 1 - s) * length;
  float cover = covered(half - std::abs(y - brow.line(clipped)), 0.7f) * covered(ends + 0.2f, 0.6f);
  if (cover > 0)
    paint(tone, cover * (0.75f + 0.25f * smooth_noise(0.9f * x, 0.6f * y, head.texture)), head.brows);
}

void paint_mouth(const Head& head, const Mouth& mouth, float x, float y, float& tone) {
  float s = x / mouth.half_width;
  if (std::abs(s) > 1.2f || y < mouth.top - 6 || y > mouth.bottom + 6) return;
  float clipped = std::clamp(s, -1.0f, 1.0f), ends = (1 - std::abs(s)) * mouth.half_width + 0.3f;
  float bow = std::max(0.0f, 1 - std::abs(clipped) / 0.22f);
  float peak = 0.8f * std::max(0.0f, 1 - std::abs(std::abs(clipped) - 0.22f) / 0.25f);
  float top = mouth.curve(clipped, mouth.top) - peak * (1 - bow);
  float upper = mouth.curve(clipped, mouth.upper), lower = mouth.curve(clipped, mouth.lower);
  float bottom = mouth.curve(clipped, mouth.bottom);
  float lip = head.lips * head.skin;
  paint(tone, covered(std::min({y - top, upper - y, ends}), 0.6f), 0.88f * lip);
  paint(tone, covered(std::min({y - lower, bottom - y, ends}), 0.6f),
        lip * (0.98f + 0.12f * covered(1.2f - std::abs(y - 0.55f * bottom - 0.45f * lower), 1.2f)));
  float gap = covered(std::min({y - upper, lower - y, ends}), 0.5f);
  paint(tone, gap, 0.06f + 0.14f * smooth_step(0.4f * lower + 0.6f * upper, lower, y));  // the tongue
  if (head.teeth && gap > 0) {
    float row = upper + 0.62f * (lower - upper) * (1 - 0.5f * clipped * clipped);
    float tooth =
        0.85f - 0.35f * clipped * clipped - 0.12f * covered(0.35f - std::abs(x - 3 * std::round(x / 3)), 0.4f);
    paint(tone, gap * covered(std::min(row - y, ends - 1.5f), 0.5f), tooth);
  }
  float line = covered(0.45f - std::abs(y - upper), 0.5f) * covered(ends, 0.5f);
  paint(tone, 0.75f * line, 0.25f * lip);
}

void paint_nostrils(const Head& head, float x, float y, float& tone) {
  float dx = (std::abs(x) - 0.42f * head.nose_width) / 2.4f, dy = (y - head.nose_length - 3.2f) / 1.3f;
  paint(tone, 0.8f * covered(1 - std::sqrt(dx * dx + dy * dy), 0.45f), 0.15f * head.skin);
}

void paint_beard(const Head& head, const Mouth& mouth, float x, float y, float& tone) {
  float side = std::abs(x),
        hairs = 0.55f + 0.9f * (smooth_noise(1.1f * x, 0.7f * y, head.texture ^ 7) - 0.25f);
  float jaw_line = mouth.top - 3 + 0.02f * (side - 12) * (side - 12) * (side < 12 ? 0 : -1);
  float chin = smooth_step(jaw_line - 3, jaw_line + 4, y) *
               smooth_step(mouth.half_width - 2, mouth.half_width + 4, side);
  chin = std::max(chin, smooth_step(mouth.bottom + 1, mouth.bottom + 5, y));
  paint(tone, head.beard * chin * std::clamp(hairs, 0.0f, 1.0f), head.hair_tone);
  float lip = smooth_step(head.nose_length + 4, head.nose_length + 8, y) *
              smooth_step(mouth.half_width + 3, mouth.half_width - 3, side);
  lip *= smooth_step(mouth.top + 0.5f + 0.1f * side, mouth.top - 2 + 0.1f * side, y);
  paint(tone, head.moustache * lip * std::clamp(hairs, 0.0f, 1.0f), head.hair_tone);
}

void paint_glasses(const Head& head, float x, float y, float& tone) {
  float side = std::abs(x), dx = (side - head.eye_x) / 11, dy = (y - 0.8f) / 8;
  float r2 = dx * dx + dy * dy, lens = std::sqrt(std::sqrt(dx * dx * dx * dx + dy * dy * dy * dy));
  float rim = covered(0.8f - std::abs(lens - 1) * 8.5f, 0.5f);
  float bridge = covered(std::min(0.7f - std::abs(y + 1.5f), head.eye_x - 10.5f - side), 0.5f);
  float temple = covered(std::min(0.8f - std::abs(y + 2), side - head.eye_x - 10.5f), 0.5f);
  if (head.sunglasses) paint(tone, covered((1 - lens) * 9), 0.05f + 0.06f * covered(0.3f - r2, 0.3f));
  paint(tone, head.glasses * std::max({rim, bridge, temple}), 0.06f);
}

/// Strands: noise drawn out along the head's meridians, parted off the middle.
float hair_tone(const Head& head, float x, float y, float cosine) {
  if (head.hair == Hair::kCap) {
    float brim = covered(head.hairline - y, 1) * covered(y - head.hairline + 5, 1);
    return head.hair_tone * (1 - 0.5f * brim);
  }
  float across = x - head.parting;
  float fine = smooth_noise(1.3f * across, 0.12f * y + 0.05f * across, head.texture);
  float broad = smooth_noise(0.35f * across + 40 * cosine, 0.05f * y, head.texture ^ 3);
  return head.hair_tone * (0.55f + 0.6f * fine + 0.4f * broad);
}

}  // namespace

float albedo(const Head& head, const Features& features, float x, float y, float cosine) {
  float hair = covered(hair_depth(head, x, y, cosine), 1);
  float tone = head.skin;
  if (hair < 1 && cosine > 0) {
    int side = x > 0 ? 0 : 1;
    if (y >= 10) {
      paint_nostrils(head, x, y, tone);
      if (head.beard > 0 || head.moustache > 0) paint_beard(head, features.mouth, x, y, tone);
      paint_mouth(head, features.mouth, x, y, tone);
    } else if (y > -30) {
      paint_eye(head, features.eyes[side], x, y, tone);
      paint_brow(head, features.brows[side], x, y, tone);
      if (head.glasses > 0) paint_glasses(head, x, y, tone);
    }
  }
  if (hair > 0) paint(tone, hair, hair_tone(head, x, y, cosine));
  return tone;
}

float openness(const Head& head, const Features& features, float x, float y) {
  float side = std::abs(x), light = 0.94f + 0.12f * smooth_noise(0.3f * x, 0.3f * y, head.texture ^ 11);
  auto shade = [&](float cx, float cy, float rx, float ry, float by) {
    float u = (side - cx) / rx, v = (y - cy) / ry, r = 1 - u * u - v * v;
    if (r > 0) light *= 1 - by * r;
  };
  const Mouth& mouth = features.mouth;
  shade(head.eye_x - 7, -3, 8, 6, 0.35f);                               // the inner corner of the socket
  shade(head.eye_x, -4, 11, 4.5f, 0.22f);                               // below the brow
  shade(0, head.nose_length + 5, 8, 4, 0.3f);                           // below the nose
  shade(head.nose_width + 1.5f, head.nose_length - 1, 3.5f, 7, 0.28f);  // beside its wings
  shade(0, mouth.bottom + 2.5f, 11, 3, 0.22f);                          // below the lip
  shade(mouth.half_width + 2, mouth.corner, 3, 3, 0.2f);                // the corners of the mouth
  float fold = head.nose_width + 3 + 0.35f * (y - head.nose_length);    // from the nose to the mouth's corner
  if (y > head.nose_length - 2 && y < mouth.corner)
    shade(fold, 0.5f * (head.nose_length + mouth.corner), 2.6f, 9,
          0.1f + 0.25f * std::max(head.smile, 0.0f) + 0.2f * head.wrinkles);
  return light;
}

}  // namespace lineament
