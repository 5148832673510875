// Which format a file is, and what holds for all of them: names that can be shown, shapes that fit in memory.
#include "weights/weight_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <string_view>

#include "base/check.h"
#include "base/inputs.h"
#include "base/paths.h"
#include "weights/zip_reader.h"

namespace lineament {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMaxElements = uint64_t{1} << 40;

Shape make_shape(std::span<const uint64_t> dims) {
  const auto d = [&](size_t axis) { return static_cast<int64_t>(dims[axis]); };
  switch (dims.size()) {
    case 0:
      return {};
    case 1:
      return {d(0)};
    case 2:
      return {d(0), d(1)};
    case 3:
      return {d(0), d(1), d(2)};
    default:
      return {d(0), d(1), d(2), d(3)};
  }
}

std::unique_ptr<WeightFile> open_zip(const fs::path& path) {
  const ZipReader zip(path);
  const auto any_ends_with = [&](std::string_view end) {
    return std::ranges::any_of(zip.entries(), [&](const ZipEntry& e) { return e.name.ends_with(end); });
  };
  if (any_ends_with("/data.pkl")) return open_pytorch_zip(path);
  if (any_ends_with(".npy")) return open_npz(path);
  if (any_ends_with("model.weights.h5"))
    fail_input("{}: is a .keras archive; unzip it and give the model.weights.h5 in it", path.string());
  fail_input("{}: a zip, but neither PyTorch's (no data.pkl in it) nor NumPy's (no .npy)", path.string());
}

/// The way PyTorch wrote its magic number, 0x1950a86a20f9469cfc6c, before it wrote zips.
constexpr std::string_view kLegacyStart = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";

struct Magic {
  std::string_view bytes;
  std::unique_ptr<WeightFile> (*open)(const fs::path&);
};
constexpr Magic kMagics[] = {
    {"\x89HDF\r\n\x1a\n", open_h5},
    {kLegacyStart, open_pytorch_legacy},
    {"PK\x03\x04", open_zip},
    {"PK\x05\x06", open_zip},  // without a single entry
};

std::unique_ptr<WeightFile> open_by_content(const fs::path& path) {
  const PathKind kind = kind_of(path);
  if (kind == PathKind::folder) fail_input("{}: is a folder, expected a file of weights", path.string());
  if (kind == PathKind::other) fail_input("{}: is not a regular file", path.string());
  note_input(path);
  std::array<char, 16> start{};
  std::ifstream in(path, std::ios::binary);
  if (!in) fail_input("{}: cannot read: {}", path.string(), std::strerror(errno));
  in.read(start.data(), start.size());
  const std::string_view begins(start.data(), static_cast<size_t>(in.gcount()));
  for (const Magic& magic : kMagics)
    if (begins.starts_with(magic.bytes)) return magic.open(path);
  if (begins.size() >= 9 && begins[8] == '{') return open_safetensors(path);
  for (const Magic& magic : kMagics)
    if (!begins.empty() && magic.bytes.starts_with(begins))
      fail_input("{}: cut short after {} bytes", path.string(), begins.size());
  fail_input("{}: none of the formats read: Keras .h5, PyTorch .pth, .safetensors, .npz", path.string());
}

}  // namespace

void WeightFile::add(const std::string& name, std::span<const uint64_t> dims, const Element* element) {
  if (name.size() > kMaxTensorName)
    fail(fmt::format("tensor {}: a name of {} bytes, at most {} are read", shown(name), name.size(),
                     kMaxTensorName));
  if (dims.size() > Shape::kMaxRank)
    fail(fmt::format("tensor {}: {} axes, at most {} are read", shown(name), dims.size(), Shape::kMaxRank));
  uint64_t elements = 1;
  for (const uint64_t n : dims) {
    if (n > kMaxElements || (n > 0 && elements > kMaxElements / n))
      fail(fmt::format("tensor {}: its shape is beyond any memory", shown(name)));
    elements *= n;
  }
  if (tensors_.size() == kMaxTensors) fail(fmt::format("more than {} tensors", kMaxTensors));
  tensors_.push_back({name, make_shape(dims), element});
}

const SourceTensor& WeightFile::prepare(size_t index, std::span<float> values) const {
  check(index < tensors_.size(), "tensor {} of {}", index, tensors_.size());
  const SourceTensor& tensor = tensors_[index];
  check(values.size() == tensor.shape.elements(), "{}: {} values for {}", tensor.name, values.size(),
        to_string(tensor.shape));
  if (!tensor.element->to_floats)
    fail(fmt::format("tensor {} is {}, no type of weights", shown(tensor.name), tensor.element->name));
  return tensor;
}

std::unique_ptr<WeightFile> open_weights(const fs::path& path) {
  std::unique_ptr<WeightFile> file = open_by_content(path);
  const uint64_t file_bytes = bytes_of(path);
  uint64_t unpacked = 0;
  std::set<std::string_view> names;
  for (const SourceTensor& tensor : file->tensors()) {
    if (!names.insert(tensor.name).second)
      file->fail(fmt::format("tensor {} comes twice", shown(tensor.name)));
    unpacked += tensor.shape.elements() * tensor.element->bytes;
    if (is_bomb(unpacked, file_bytes))
      file->fail(fmt::format("its {} bytes would unpack to {} and more: no weights are packed so", file_bytes,
                             unpacked));
  }
  return file;
}

}  // namespace lineament
