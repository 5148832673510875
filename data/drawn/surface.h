// Where the places of a head lie in space. The drawn triangles and the keypoints both ask here, so the points are exact.
#pragma once
#include <array>
#include <vector>

#include "data/drawn/head.h"
#include "data/drawn/vec3.h"

namespace lineament {

class Surface {
 public:
  /// Keeps a reference to `head`.
  explicit Surface(const Head& head);

  /// A cut through the head, from the outline of its right half to that of its left: flat in front, round behind.
  struct Row {
    Place right, left;        // seen from the front
    float side, front, back;  // z of the outline, of the middle in front and behind
  };
  /// s: -1 crown, 0 where the jaw begins beside the ear, 1 chin.
  Row row(float s) const;

  /// Around a row: -1 the right outline, 0 the middle in front, 1 the left outline, -2 and 2 the middle behind. `seen` gets
  /// the place as seen from the front.
  Vec3 point(const Row& row, float around, Place* seen = nullptr) const;

  /// The skin at a place seen from the front. Beyond the outline: the outline.
  Vec3 on_face(Place place) const;

 private:
  struct Bump {
    float x, y, rx, ry, by;
  };
  float front_at(float y) const;
  float relief(Place at) const;
  float nose(Place at) const;

  const Head& head_;
  std::vector<Bump> bumps_;
  struct Node {
    float y, z;
  };
  std::array<Node, 6> profile_;  // of the middle of the face, without features
  struct NoseNode {
    float y, x, height, width;
  };
  std::array<NoseNode, 7> nose_;
};

}  // namespace lineament
