#include "data/labelled_data.h"

#include "base/check.h"
#include "base/paths.h"
#include "data/formats/coco.h"
#include "data/formats/imglab.h"
#include "data/formats/labels.h"
#include "data/formats/path_csv.h"
#include "data/formats/pts.h"

namespace lineament {
namespace fs = std::filesystem;

bool holds_photographs(const fs::path& path) {
  if (is_folder(path)) return holds_pts(path);
  const std::string extension = lower_extension(path);
  return extension == ".xml" || extension == ".json" || (extension == ".csv" && holds_paths(path));
}

LabelledPhotographs read_photographs(const fs::path& path, const std::optional<KeypointSet>& set) {
  const std::string extension = lower_extension(path);
  LabelledPhotographs labelled = is_folder(path)        ? read_pts(path, set)
                                 : extension == ".xml"  ? read_imglab(path, set)
                                 : extension == ".json" ? read_coco(path, set)
                                                        : read_path_csv(path, set);
  return set ? with_set(std::move(labelled), *set) : labelled;
}

void write_photographs(const fs::path& path, const LabelledPhotographs& labelled, PhotographFormat format,
                       const fs::path& root) {
  std::error_code ignored;  // of a photograph that is gone
  if (is_there(path))
    for (const LabelledFace& face : labelled.faces)
      if (fs::equivalent(path, face.photograph, ignored))
        fail_input("{}: is one of the photographs, and will not be replaced", path.string());
  switch (format) {
    case PhotographFormat::csv: return write_path_csv(path, labelled);
    case PhotographFormat::pts: return write_pts(path, labelled, root);
    case PhotographFormat::imglab: return write_imglab(path, labelled);
    case PhotographFormat::coco: return write_coco(path, labelled);
  }
}

}  // namespace lineament
