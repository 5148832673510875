// lineament convert: labelled photographs, or the contest's table, in another tool's format.
#include <array>
#include <cmath>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "apps/commands.h"
#include "base/check.h"
#include "base/inputs.h"
#include "base/paths.h"
#include "base/staged_folder.h"
#include "data/formats/face_table.h"
#include "data/formats/labels.h"
#include "data/labelled_data.h"
#include "data/pictures/picture.h"

namespace lineament {
namespace {

namespace fs = std::filesystem;

struct ConvertArguments {
  std::string data, out, to, points;
};

struct FormatRow {
  std::string_view name;
  PhotographFormat value;
  std::string_view help;
  std::string_view extension;  // that it is read back by; none: a folder
};

constexpr std::array<FormatRow, 4> kFormats = {{
    {"csv", PhotographFormat::csv, "paths and NAME_x, NAME_y", ".csv"},
    {"pts", PhotographFormat::pts, "300-W's, a folder with copies of the photographs", ""},
    {"imglab", PhotographFormat::imglab, "dlib's XML, whole pixels", ".xml"},
    {"coco", PhotographFormat::coco, "json of keypoints", ".json"},
}};

const FormatRow& find_format(const std::string& name) {
  std::string names;
  for (const FormatRow& row : kFormats) {
    if (row.name == name) return row;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", row.name);
  }
  fail_input("--to {}: expected one of {}", name, names);
}

/// What is read is never replaced: neither the file nor anything in the folder.
void check_out(const ConvertArguments& options, const FormatRow& format) {
  const fs::path out = options.out;
  if (!format.extension.empty() && lower_extension(out) != format.extension)
    fail_input("--out {}: expected the name of a file {}", options.out, format.extension);
  if (!is_there(out)) return;
  std::error_code ignored;
  const fs::path read = fs::weakly_canonical(options.data, ignored), written = fs::weakly_canonical(out, ignored);
  const bool is_below = is_folder(options.data) && *written.lexically_relative(read).begin() != "..";
  if (written == read || fs::equivalent(read, written, ignored) || (is_below && !format.extension.empty()))
    fail_input("--out {}: is there already, in what is read: it will not be replaced", options.out);
}

/// The contest's pictures as png files in `folder`, which will be `place`.
LabelledPhotographs as_photographs(const FaceTable& table, const fs::path& folder, const fs::path& place) {
  LabelledPhotographs labelled{.set = table.set, .faces = {}};
  const PictureShape& shape = table.shape;
  for (size_t row = 0; row < table.size(); ++row) {
    const std::string name = fmt::format("face_{:06}.png", table.ids[row]);
    const auto pixels = table.pixels.begin() + static_cast<std::ptrdiff_t>(row * shape.values());
    write_png(folder / name, {shape.width, shape.height, shape.channels,
                              {pixels, pixels + static_cast<std::ptrdiff_t>(shape.values())}});
    LabelledFace face{.photograph = (place / name).string(), .points = table.labels[row], .states = {}};
    for (size_t i = 0; i < face.points.size(); i += 2) {
      const bool has = !std::isnan(face.points[i]) && !std::isnan(face.points[i + 1]);
      face.states.push_back(has ? PointState::seen : PointState::missing);
      if (!has) face.points[i] = face.points[i + 1] = std::nan("");
    }
    labelled.faces.push_back(std::move(face));
  }
  return labelled;
}

/// Of pixels in a table, which are written as pictures first.
LabelledPhotographs convert_table(const ConvertArguments& options, const FormatRow& format,
                                  const std::optional<KeypointSet>& set) {
  const FaceTable table = read_face_table(open_text(options.data, "training"), Labels::given);
  const auto labelled_in = [&](const fs::path& folder, const fs::path& place) {
    LabelledPhotographs labelled = as_photographs(table, folder, place);
    return set ? with_set(std::move(labelled), *set) : labelled;
  };
  fs::path pictures = options.out;
  if (!pictures.has_filename()) pictures = pictures.parent_path();
  pictures.replace_extension() += "_pictures";
  LabelledPhotographs labelled;
  StagedFolder staged(pictures);
  if (format.value == PhotographFormat::pts) {  // they are copied, and go
    labelled = labelled_in(staged.path(), staged.path());
    write_photographs(options.out, labelled, format.value, staged.path());
  } else {
    labelled = labelled_in(staged.path(), pictures);
    staged.commit();
    try {
      write_photographs(options.out, labelled, format.value, pictures);
    } catch (...) {
      std::error_code ignored;
      fs::remove_all(pictures, ignored);
      throw;
    }
    labelled.notes.push_back(fmt::format("{}: the pictures of the faces", pictures.string()));
  }
  if (!table.left_out.empty())
    labelled.notes.push_back(fmt::format("{}: columns left out: {}", options.data, some_of(table.left_out)));
  return labelled;
}

void run(const ConvertArguments& options) {
  const FormatRow& format = find_format(options.to);
  check_out(options, format);
  const std::optional<KeypointSet> set =
      options.points.empty() ? std::nullopt : std::optional(find_keypoint_set(options.points));
  LabelledPhotographs labelled;
  if (holds_photographs(options.data)) {
    labelled = read_photographs(options.data, set);
    const fs::path data = options.data;
    write_photographs(options.out, labelled, format.value, is_folder(data) ? data : folder_of(data));
  } else {
    labelled = convert_table(options, format, set);
  }
  for (const std::string& note : labelled.notes) fmt::print("{}\n", note);
  std::set<std::string> photographs;
  for (const LabelledFace& face : labelled.faces) photographs.insert(face.photograph);
  fmt::print("{}: {} faces of {} points ({}) in {} photographs, as {}\n", options.out, labelled.faces.size(),
             labelled.set.size(), labelled.set.name, photographs.size(), format.name);
}

}  // namespace

void add_convert(CLI::App& app) {
  CLI::App* command = app.add_subcommand("convert", "Write labelled photographs in another tool's format");
  auto options = std::make_shared<ConvertArguments>();
  command
      ->add_option("data", options->data,
                   "A folder of photographs with .pts files, dlib's imglab .xml, a COCO .json, a .csv with a column of "
                   "paths, or the contest's csv, zip or folder.")
      ->required();
  std::string formats = "The format: ";
  for (const FormatRow& row : kFormats)
    formats += fmt::format("{} ({}){}", row.name, row.help, &row == &kFormats.back() ? "." : ", ");
  command->add_option("--to", options->to, formats)->required()->type_name("FORMAT")->group("What comes out");
  command
      ->add_option("--out", options->out,
                   "The file to write, one that exists is replaced; for pts a new folder. Paths in it are relative to it. "
                   "The contest's pictures come to lie beside it, in a new folder NAME_pictures.")
      ->required()
      ->type_name("PATH")
      ->group("What comes out");
  command
      ->add_option("--points", options->points,
                   "The set of points: contest15, ibug68 or a file .toml. Where the data have others, derived from those.")
      ->type_name("SET")
      ->group("What comes out");
  command->callback([options] {
    const InputsSpared spared;
    run(*options);
  });
}

}  // namespace lineament
