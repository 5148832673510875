#include "report/face_pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "data/pictures/picture.h"
#include "report/page.h"
#include "report/plots.h"

namespace lineament {
namespace {

std::string data_uri(const Picture& picture) { return "data:image/png;base64," + base64(png(picture)); }

bool has_point(const Keypoints& points, int k) {
  return std::isfinite(points[2 * k]) && std::isfinite(points[2 * k + 1]);
}

/// Where a coordinate lies in a picture whose pixel i reaches from i to i + 1.
double place(double coordinate) { return coordinate + 0.5; }

std::string discs(const Marks& marks) {
  std::string out;
  for (int k = 0; k < kPoints; ++k)
    if (has_point(marks.points, k))
      out += fmt::format(
          "<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"1.6\"><title>{}</title></circle>\n",
          marks.kind, place(marks.points[2 * k]), place(marks.points[2 * k + 1]), point_title(k));
  return out;
}

std::string links(const Keypoints& from, const Keypoints& to) {
  std::string path;
  for (int k = 0; k < kPoints; ++k)
    if (has_point(from, k) && has_point(to, k))
      path += fmt::format("M{:.1f} {:.1f}L{:.1f} {:.1f}", place(from[2 * k]), place(from[2 * k + 1]),
                          place(to[2 * k]), place(to[2 * k + 1]));
  return fmt::format("<path class=\"link\" d=\"{}\"/>\n", path);
}

std::string framed(std::string_view kind, std::string_view inside, std::string_view caption) {
  return fmt::format(
      "<figure class=\"{0}\"><svg viewBox=\"0 0 {1} {1}\" role=\"img\" aria-label=\"{2}\">\n{3}</svg>"
      "<figcaption>{2}</figcaption></figure>\n",
      kind, kImageSize, escaped(caption), inside);
}

}  // namespace

std::string FaceAlbum::use(const Faces& faces, size_t row) {
  const std::span<const uint8_t> pixels = faces.image(row);
  const auto [at, _] = numbers_.try_emplace(std::string(pixels.begin(), pixels.end()), numbers_.size());
  return fmt::format("<use href=\"#face-{}\"/>\n", at->second);
}

std::string FaceAlbum::face(const Faces& faces, size_t row, std::span<const Marks> marks,
                            std::string_view caption, bool linked) {
  std::string inside = use(faces, row);
  if (linked && marks.size() == 2) inside += links(marks[0].points, marks[1].points);
  for (const Marks& one : marks) inside += discs(one);
  return framed("face", inside, caption);
}

std::string FaceAlbum::face_left_out(const Faces& faces, size_t row, std::string_view caption) {
  return framed("face gone", use(faces, row) + "<path d=\"M8 8L88 88M88 8L8 88\"/>\n", caption);
}

std::string FaceAlbum::mean_face(const Faces& faces, std::span<const double> radii) {
  std::vector<double> sums(kPixels);
  for (size_t i = 0; i < faces.pixels.size(); ++i) sums[i % kPixels] += faces.pixels[i];
  Picture mean = plain_picture(kImageSize, kImageSize, 1);
  for (size_t i = 0; i < kPixels; ++i)
    mean.pixels[i] = static_cast<uint8_t>(std::lround(sums[i] / static_cast<double>(faces.size())));
  std::string inside =
      fmt::format("<image width=\"{0}\" height=\"{0}\" href=\"{1}\"/>\n", kImageSize, data_uri(mean));
  for (int k = 0; k < kPoints; ++k) {
    double x = 0, y = 0, known = 0;
    for (const Keypoints& points : faces.keypoints)
      if (has_point(points, k)) x += points[2 * k], y += points[2 * k + 1], ++known;
    if (known > 0 && std::isfinite(radii[k]))
      inside += fmt::format(
          "<circle class=\"spread\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.2f}\"><title>{}: {:.2f} "
          "px</title></circle>\n",
          place(x / known), place(y / known), radii[k], point_title(k), radii[k]);
  }
  return fmt::format("<svg viewBox=\"0 0 {0} {0}\" role=\"img\" aria-label=\"the mean face\">\n{1}</svg>\n",
                     kImageSize, inside);
}

std::string FaceAlbum::store() const {
  std::string out = "<svg class=\"hidden\" aria-hidden=\"true\"><defs>\n";
  for (const auto& [pixels, number] : numbers_) {
    const Picture face{kImageSize, kImageSize, 1, {pixels.begin(), pixels.end()}};
    out += fmt::format("<image id=\"face-{0}\" width=\"{1}\" height=\"{1}\" href=\"{2}\"/>\n", number,
                       kImageSize, data_uri(face));
  }
  return out + "</defs></svg>\n";
}

}  // namespace lineament
