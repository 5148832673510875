// How much light falls where: a lamp with shadows, light from all around that hollows keep out, and shine.
#pragma once
#include <vector>

#include "data/drawn/raster.h"

namespace lineament {

struct Light {
  Vec3 towards = {-0.4f, -0.5f, 0.77f};  // of length 1, from the head to the lamp, as the picture has it
  float ambient = 0.45f, lamp = 0.6f, gloss = 0.1f;
  float soft = 0.3f;      // how far the lamp reaches round edges: 0 a spot, 0.6 an overcast sky
  float shadow = 0.7f;    // of the lamp's light that shadows take
  float hollows = 0.03f;  // of the ambient light lost for each px that a place lies deeper than those around it
  Vec3 rim = {};          // towards a second lamp, as long as it is bright
};

/// Shadows and hollows of what was drawn, a value a pixel; and the light on a sample.
class Lighting {
 public:
  Lighting(const Hits& hits, const Camera& camera, const Light& light);

  /// Light on a surface with this normal (the head's axes) at a sample; `shine` gets the lamp's reflection.
  float at(int sample_x, int sample_y, Vec3 normal, float* shine) const;

 private:
  using Plane = std::vector<float>;

  Light light_;
  Vec3 lamp_, rim_, above_, half_;  // as the head has them
  Plane shadow_, open_;
};

}  // namespace lineament
