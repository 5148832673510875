// One pixel, one label or one name apart is another fingerprint; where a gap's bits come from is not.
#include "data/fingerprint.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>

#include "data/drawn/synthetic.h"

using namespace lineament;

TEST_CASE("a fingerprint is of every pixel, label and point, in their order") {
  const Faces faces = synthetic_faces(12);
  const uint64_t print = fingerprint(faces);
  CHECK(print == fingerprint(synthetic_faces(12)));
  CHECK(print == 17461225209797349195u);  // on every machine
  Faces other = faces;
  other.pixels.back() ^= 1;
  CHECK(fingerprint(other) != print);
  CHECK(picture_fingerprint(other, 11) != picture_fingerprint(faces, 11));
  CHECK(picture_fingerprint(other, 10) == picture_fingerprint(faces, 10));
  other = faces;
  other.keypoints[3][0] = std::nextafter(other.keypoints[3][0], 100.0f);
  CHECK(fingerprint(other) != print);
  other = faces;
  std::swap(other.set.points[0], other.set.points[1]);
  CHECK(fingerprint(other) != print);
  const std::vector<size_t> turned = {1, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  CHECK(fingerprint(faces.select(turned)) != print);
}

TEST_CASE("a label that is missing is one, whatever its bits") {
  Faces faces = synthetic_faces(2), other = faces;
  faces.keypoints[0][0] = std::bit_cast<float>(0x7FC00000u);
  other.keypoints[0][0] = std::bit_cast<float>(0xFFC00001u);
  CHECK(fingerprint(faces) == fingerprint(other));
}

TEST_CASE("pictures of other sides or channels are others") {
  Faces wide, high;
  wide.shape = {32, 64, 1}, high.shape = {64, 32, 1};
  wide.add_rows(1), high.add_rows(1);
  CHECK(picture_fingerprint(wide, 0) != picture_fingerprint(high, 0));
}
