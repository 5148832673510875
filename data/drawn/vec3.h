// Points and directions in space: x to the right, y down, z to the viewer; and places seen from the front.
#pragma once
#include <cmath>

namespace lineament {

struct Vec3 {
  float x = 0, y = 0, z = 0;
};

inline Vec3 operator+(Vec3 a, Vec3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
inline Vec3 operator-(Vec3 a, Vec3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
inline Vec3 operator*(float s, Vec3 a) { return {s * a.x, s * a.y, s * a.z}; }
inline float dot(Vec3 a, Vec3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
inline Vec3 cross(Vec3 a, Vec3 b) { return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x}; }
inline Vec3 unit(Vec3 a) {
  float length = std::sqrt(dot(a, a));
  return length > 0 ? 1 / length * a : a;
}

struct Place {
  float x = 0, y = 0;
};

inline Place operator+(Place a, Place b) { return {a.x + b.x, a.y + b.y}; }
inline Place operator-(Place a, Place b) { return {a.x - b.x, a.y - b.y}; }
inline Place operator*(float s, Place a) { return {s * a.x, s * a.y}; }
inline float length(Place a) { return std::sqrt(a.x * a.x + a.y * a.y); }
inline float mix(float a, float b, float share) { return a + share * (b - a); }
inline Place mix(Place a, Place b, float share) { return a + share * (b - a); }

/// 0 below `low`, 1 above `high`, smooth between.
inline float smooth_step(float low, float high, float v) {
  float t = (v - low) / (high - low);
  t = t < 0 ? 0 : t > 1 ? 1 : t;
  return t * t * (3 - 2 * t);
}

}  // namespace lineament
