#include "report/face_pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "data/pictures/draw.h"
#include "data/pictures/picture.h"
#include "report/page.h"
#include "report/plots.h"

namespace lineament {
namespace {

constexpr int kLargestStored = 256;  // px of the longer side: a page shows no more of it

std::string data_uri(const Picture& picture) {
  const int side = std::max(picture.width, picture.height);
  if (side <= kLargestStored) return "data:image/png;base64," + base64(png(picture));
  const auto smaller = [side](int length) { return std::max(1, length * kLargestStored / side); };
  return data_uri(resize(picture, smaller(picture.width), smaller(picture.height)));
}

/// The page's own unit: the longer side of any picture has 96 of them, so that dots and lines are equally large on all.
struct Canvas {
  double unit, width, height;

  explicit Canvas(const PictureShape& shape)
      : unit(96.0 / std::max(shape.width, shape.height)),
        width(unit * shape.width),
        height(unit * shape.height) {}
  /// Where a coordinate lies in a picture whose pixel i reaches from i to i + 1.
  double place(double coordinate) const { return (coordinate + 0.5) * unit; }
  std::string size() const { return fmt::format("width=\"{:g}\" height=\"{:g}\"", width, height); }
  std::string view() const { return fmt::format("viewBox=\"0 0 {:g} {:g}\"", width, height); }
};

bool is_drawn(const Keypoints& points, int k) {
  return std::isfinite(points[2 * k]) && std::isfinite(points[2 * k + 1]);
}

std::string segment(const Canvas& canvas, const Keypoints& from, int a, const Keypoints& to, int b) {
  if (!is_drawn(from, a) || !is_drawn(to, b)) return "";
  return fmt::format("M{:.1f} {:.1f}L{:.1f} {:.1f}", canvas.place(from[2 * a]), canvas.place(from[2 * a + 1]),
                     canvas.place(to[2 * b]), canvas.place(to[2 * b + 1]));
}

std::string discs(const Canvas& canvas, const KeypointSet& set, const Marks& marks) {
  std::string out;
  if (draws_lines(set)) {
    std::string path;
    for (const auto& [a, b] : set.lines) path += segment(canvas, marks.points, a, marks.points, b);
    out += fmt::format("<path class=\"lines {}\" d=\"{}\"/>\n", marks.kind, path);
  }
  for (int k = 0; k < set.size(); ++k)
    if (is_drawn(marks.points, k))
      out += fmt::format(
          "<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\"><title>{}</title></circle>\n",
          marks.kind, canvas.place(marks.points[2 * k]), canvas.place(marks.points[2 * k + 1]),
          draws_lines(set) ? "0.9" : "1.6", escaped(point_title(set, k)));
  return out;
}

std::string links(const Canvas& canvas, const KeypointSet& set, const Keypoints& from, const Keypoints& to) {
  std::string path;
  for (int k = 0; k < set.size(); ++k) path += segment(canvas, from, k, to, k);
  return fmt::format("<path class=\"link\" d=\"{}\"/>\n", path);
}

std::string framed(const Canvas& canvas, std::string_view kind, std::string_view inside,
                   std::string_view caption) {
  return fmt::format(
      "<figure class=\"{0}\"><svg {1} role=\"img\" aria-label=\"{2}\">\n{3}</svg>"
      "<figcaption>{2}</figcaption></figure>\n",
      kind, canvas.view(), escaped(caption), inside);
}

Picture mean_picture(const Faces& faces) {
  const size_t values = faces.shape.values();
  std::vector<double> sums(values);
  for (size_t i = 0; i < faces.pixels.size(); ++i) sums[i % values] += faces.pixels[i];
  Picture mean = plain_picture(faces.shape.width, faces.shape.height, faces.shape.channels);
  for (size_t i = 0; i < values; ++i)
    mean.pixels[i] = static_cast<uint8_t>(std::lround(sums[i] / static_cast<double>(faces.size())));
  return mean;
}

}  // namespace

std::string face_title(const Faces& faces, size_t row) {
  return faces.names.empty() ? fmt::format("row {}", faces.ids[row]) : faces.names[row];
}

std::string FaceAlbum::use(const Faces& faces, size_t row) {
  const std::span<const uint8_t> pixels = faces.image(row);
  const auto [at, _] = numbers_.try_emplace(
      {std::string(pixels.begin(), pixels.end()), faces.shape.width, faces.shape.channels}, numbers_.size());
  return fmt::format("<use href=\"#face-{}\"/>\n", at->second);
}

std::string FaceAlbum::face(const Faces& faces, size_t row, std::span<const Marks> marks,
                            std::string_view caption, bool linked) {
  const Canvas canvas(faces.shape);
  std::string inside = use(faces, row);
  if (linked && marks.size() == 2) inside += links(canvas, faces.set, marks[0].points, marks[1].points);
  for (const Marks& one : marks) inside += discs(canvas, faces.set, one);
  return framed(canvas, "face", inside, caption);
}

std::string FaceAlbum::face_left_out(const Faces& faces, size_t row, std::string_view caption) {
  const Canvas canvas(faces.shape);
  const std::string cross =
      fmt::format("<path d=\"M8 8L{0:g} {1:g}M{0:g} 8L8 {1:g}\"/>\n", canvas.width - 8, canvas.height - 8);
  return framed(canvas, "face gone", use(faces, row) + cross, caption);
}

std::string FaceAlbum::mean_face(const Faces& faces, std::span<const double> radii) {
  const Canvas canvas(faces.shape);
  std::string inside = fmt::format("<image {} href=\"{}\"/>\n", canvas.size(), data_uri(mean_picture(faces)));
  for (int k = 0; k < faces.set.size(); ++k) {
    double x = 0, y = 0, known = 0;
    for (const Keypoints& points : faces.keypoints)
      if (is_drawn(points, k)) x += points[2 * k], y += points[2 * k + 1], ++known;
    if (known > 0 && std::isfinite(radii[k]))
      inside += fmt::format(
          "<circle class=\"spread\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.2f}\"><title>{}: {:.2f} "
          "px</title></circle>\n",
          canvas.place(x / known), canvas.place(y / known), canvas.unit * radii[k],
          escaped(point_title(faces.set, k)), radii[k]);
  }
  return fmt::format("<svg {} role=\"img\" aria-label=\"the mean face\">\n{}</svg>\n", canvas.view(), inside);
}

std::string FaceAlbum::store() const {
  std::string out = "<svg class=\"hidden\" aria-hidden=\"true\"><defs>\n";
  for (const auto& [picture, number] : numbers_) {
    const auto& [pixels, width, channels] = picture;
    const int height = static_cast<int>(pixels.size()) / (width * channels);
    const Canvas canvas({.height = height, .width = width, .channels = channels});
    out += fmt::format("<image id=\"face-{}\" {} href=\"{}\"/>\n", number, canvas.size(),
                       data_uri({width, height, channels, {pixels.begin(), pixels.end()}}));
  }
  return out + "</defs></svg>\n";
}

}  // namespace lineament
