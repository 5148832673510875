// Faces on a page: each picture stored once, points drawn over it as shapes.
#pragma once
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <tuple>

#include "data/faces.h"

namespace lineament {

/// How points are drawn: "truth", "answer", "filled".
struct Marks {
  std::string_view kind;
  Keypoints points;  // of the faces' set; what is missing is left out
};

/// "row 17", or the name of the photograph that a face was cut from.
std::string face_title(const Faces& faces, size_t row);

class FaceAlbum {
 public:
  /// A row's face, its points in the order given (of large sets with the lines between them) and, where there are
  /// two sets of them and `linked`, a line from each of the first to its counterpart. `caption` is text.
  std::string face(const Faces& faces, size_t row, std::span<const Marks> marks, std::string_view caption,
                   bool linked = false);
  /// The same face as one that is left out.
  std::string face_left_out(const Faces& faces, size_t row, std::string_view caption);
  /// The mean of all faces, a disc at each point's mean place with the radius `radii`, px; none where that is NaN.
  static std::string mean_face(const Faces& faces, std::span<const double> radii);

  /// All pictures that were asked for: to stand somewhere in the page.
  std::string store() const;

 private:
  std::string use(const Faces& faces, size_t row);

  std::map<std::tuple<std::string, int, int>, size_t>
      numbers_;  // of the pictures, by their pixels, width and channels
};

}  // namespace lineament
