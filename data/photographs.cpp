// From labelled photographs to faces: each is decoded, cut out and scaled by a thread of its own.
#include "data/photographs.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <functional>
#include <limits>
#include <mutex>
#include <thread>

#include "base/check.h"
#include "base/cpus.h"
#include "base/memory.h"
#include "data/pictures/picture.h"

namespace lineament {
namespace {

/// work(row) for each, on all processors. Rows are taken in their order, and all that were taken are done: what is thrown is
/// what the first row that fails throws, whichever thread gets there first.
void for_rows(size_t rows, const std::function<void(size_t)>& work) {
  std::atomic<size_t> next = 0;
  std::mutex mutex;
  size_t first_failed = rows;
  std::exception_ptr failure;
  const auto take = [&] {
    for (size_t row; (row = next++) < rows;) try {
        work(row);
      } catch (...) {
        next = rows;
        const std::lock_guard lock(mutex);
        if (row < first_failed) first_failed = row, failure = std::current_exception();
      }
  };
  {
    std::vector<std::jthread> threads;
    const size_t count = std::min(static_cast<size_t>(available_cpus().count), rows);
    for (size_t i = 1; i < count; ++i) threads.emplace_back(take);
    take();
  }
  if (failure) std::rethrow_exception(failure);
}

/// A place in a photograph as it lies in one that is so many times coarser.
double coarser(double place, int reduction) { return (place + 0.5) / reduction - 0.5; }

/// Fills one row of `faces`; returns how many points lie beyond the edge of the photograph.
size_t cut_face(const LabelledFace& labelled, const FaceCrop& crop, Faces& faces, size_t row) {
  const PictureShape& shape = faces.shape;
  const std::optional<FaceBox> box = box_of(labelled, crop.from);
  if (crop.from != CropFrom::whole && !box)
    fail_input("{}: a face with neither points nor a box of any area, so that it cannot be cut out", labelled.photograph);
  const auto window_in = [&](PictureSize stored) {
    const FaceBox whole{-0.5, -0.5, static_cast<double>(stored.width), static_cast<double>(stored.height)};
    return box ? with_margin(*box, crop.margin, shape) : with_margin(whole, 0, shape);
  };
  const DecodedPicture photograph = read_picture(
      labelled.photograph, {.channels = shape.channels,
                            .reduction = [&](PictureSize stored) { return window_in(stored).width / shape.width; }});

  const CropMap map{window_in(photograph.stored), shape};
  const int reduction = photograph.reduction;
  const FaceBox window{coarser(map.box.x, reduction), coarser(map.box.y, reduction), map.box.width / reduction,
                       map.box.height / reduction};
  std::ranges::copy(cut(photograph.picture, window, shape.width, shape.height).pixels, faces.image(row).begin());

  size_t outside = 0;
  Keypoints& points = faces.keypoints[row];
  for (size_t i = 0; i < points.size(); i += 2) {
    const double x = labelled.points[i], y = labelled.points[i + 1];
    points[i] = static_cast<float>(map.x(x));
    points[i + 1] = static_cast<float>(map.y(y));
    outside += x < -0.5 || y < -0.5 || x > photograph.stored.width - 0.5 || y > photograph.stored.height - 0.5;
  }
  return outside;
}

}  // namespace

LabelledPhotographs with_set(LabelledPhotographs labelled, const KeypointSet& set) {
  if (labelled.set == set) return labelled;
  const PointMeans means = means_between(labelled.set, set);
  for (LabelledFace& face : labelled.faces) {
    std::vector<double> points;
    std::vector<PointState> states;
    for (const std::vector<int>& sources : means) {
      PointState state = PointState::seen;
      double x = 0, y = 0;
      for (const int k : sources) {
        state = std::min(state, face.states[static_cast<size_t>(k)]);
        x += face.points[static_cast<size_t>(2 * k)];
        y += face.points[static_cast<size_t>(2 * k + 1)];
      }
      const auto count = static_cast<double>(sources.size());
      points.insert(points.end(), {x / count, y / count});  // NaN where one is missing
      states.push_back(state);
    }
    face.points = std::move(points);
    face.states = std::move(states);
  }
  labelled.set = set;
  return labelled;
}

std::optional<FaceBox> box_of(const LabelledFace& face, CropFrom from) {
  if (from == CropFrom::whole) return {};
  std::optional<FaceBox> points = extent_of(face.points), box = face.box;
  if (points && std::max(points->width, points->height) < kLeastSide) points.reset();  // of a line the aspect makes a box
  if (box && std::min(box->width, box->height) < kLeastSide) box.reset();
  return from == CropFrom::points ? (points ? points : box) : (box ? box : points);
}

Faces cut_faces(const LabelledPhotographs& labelled, const PictureShape& shape, const FaceCrop& crop, CutReport& report) {
  validate(shape);
  require_memory(labelled.faces.size(), static_cast<double>(shape.values()), fmt::format("pictures of {}", to_string(shape)),
                 fmt::format("{} of them", labelled.faces.size()));
  Faces faces{.set = labelled.set, .shape = shape};
  faces.add_rows(labelled.faces.size());
  std::atomic<size_t> outside = 0;
  for_rows(faces.size(), [&](size_t row) {
    const LabelledFace& face = labelled.faces[row];
    check(face.points.size() == static_cast<size_t>(labelled.set.coordinates()), "{}: {} coordinates, expected {}",
          face.photograph, face.points.size(), labelled.set.coordinates());
    outside += cut_face(face, crop, faces, row);
    faces.ids[row] = static_cast<int>(row) + 1;
  });
  for (const LabelledFace& face : labelled.faces) faces.names.push_back(std::filesystem::path(face.photograph).stem().string());
  report.outside += outside;
  return faces;
}

}  // namespace lineament
