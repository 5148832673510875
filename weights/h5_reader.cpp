#ifdef LINEAMENT_HDF5

#include "weights/h5_reader.h"

#include <hdf5.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <set>
#include <stdexcept>
#include <utility>

#include "base/check.h"
#include "weights/element.h"
#include "weights/weight_file.h"

namespace lineament {
namespace {

constexpr int kMaxDepth = 16;
constexpr size_t kMaxText =
    1 << 20;  // a model's configuration takes some 100 kB, an attribute of 64 kB its names

template <class... Args>
[[noreturn]] void refuse(fmt::format_string<Args...> text, Args&&... args) {
  throw std::runtime_error(fmt::format(text, std::forward<Args>(args)...));
}

/// An HDF5 handle, closed with the object.
class Handle {
 public:
  Handle() = default;
  Handle(hid_t id, herr_t (*close)(hid_t), const std::string& what) : id_(id), close_(close) {
    if (id < 0) refuse("{} cannot be read: damaged, or no Keras file", what);
  }
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }
  operator hid_t() const { return id_; }

 private:
  hid_t id_ = -1;
  herr_t (*close_)(hid_t) = nullptr;
};

Handle open_group(hid_t parent, const std::string& name) {
  return {H5Gopen2(parent, name.c_str(), H5P_DEFAULT), H5Gclose, "group " + shown(name)};
}

bool has_attribute(hid_t object, const char* name) { return H5Aexists(object, name) > 0; }
bool has_link(hid_t group, const char* name) { return H5Lexists(group, name, H5P_DEFAULT) > 0; }

/// A text or a list of texts, of fixed or varying length;
/// of other types (h5py's empty list is one of numbers), none.
std::vector<std::string> texts(hid_t object, const char* name) {
  const std::string what = fmt::format("attribute {}", name);
  const Handle attribute(H5Aopen(object, name, H5P_DEFAULT), H5Aclose, what);
  const Handle type(H5Aget_type(attribute), H5Tclose, what), space(H5Aget_space(attribute), H5Sclose, what);
  const hssize_t count = H5Sget_simple_extent_npoints(space);
  if (H5Tget_class(type) != H5T_STRING) {
    if (count == 0) return {};
    refuse("{} is no list of texts", what);
  }
  if (count < 0 || static_cast<size_t>(count) > kMaxTensors) refuse("{} lists {} texts", what, count);
  std::vector<std::string> list;
  if (H5Tis_variable_str(type) > 0) {
    const Handle in_memory(H5Tcopy(type), H5Tclose, what);
    std::vector<char*> pointers(static_cast<size_t>(count), nullptr);
    if (count > 0 && H5Aread(attribute, in_memory, pointers.data()) < 0) refuse("{} cannot be read", what);
    for (const char* text : pointers)
      list.emplace_back(text ? std::string(text, strnlen(text, kMaxText)) : "");
    if (count > 0) H5Dvlen_reclaim(in_memory, space, H5P_DEFAULT, pointers.data());
    return list;
  }
  const size_t length = H5Tget_size(type);
  if (length == 0 || length > kMaxText || length * static_cast<size_t>(count) > 64 * kMaxText)
    refuse("{} is too long", what);
  std::string all(length * static_cast<size_t>(count), '\0');
  if (count > 0 && H5Aread(attribute, type, all.data()) < 0) refuse("{} cannot be read", what);
  for (hssize_t i = 0; i < count; ++i) {
    const char* text = all.data() + static_cast<size_t>(i) * length;
    list.emplace_back(text, strnlen(text, length));
  }
  return list;
}

/// What does not fit one attribute Keras spreads over name0, name1 ...
std::vector<std::string> long_list(hid_t object, const std::string& name) {
  if (has_attribute(object, name.c_str())) return texts(object, name.c_str());
  std::vector<std::string> all;
  for (int part = 0; part < 10'000 && has_attribute(object, (name + std::to_string(part)).c_str()); ++part)
    for (std::string& text : texts(object, (name + std::to_string(part)).c_str()))
      all.push_back(std::move(text));
  return all;
}

bool is_bfloat(hid_t dataset) {
  return has_attribute(dataset, "dtype") && texts(dataset, "dtype") == std::vector<std::string>{"bfloat16"};
}

/// The safetensors name of the type that a dataset is stored as.
std::string element_of(hid_t dataset, hid_t type, const std::string& name) {
  const H5T_class_t kind = H5Tget_class(type);
  const size_t bytes = H5Tget_size(type);
  if (bytes == 2 && is_bfloat(dataset)) return "BF16";
  if (kind == H5T_FLOAT && (bytes == 2 || bytes == 4 || bytes == 8)) return fmt::format("F{}", 8 * bytes);
  if (kind == H5T_INTEGER && (bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8))
    return fmt::format("{}{}", H5Tget_sign(type) == H5T_SGN_NONE ? "U" : "I", 8 * bytes);
  constexpr const char* kClasses[] = {
      "whole numbers", "numbers",   "times",      "texts",        "bits",
      "opaque bytes",  "compounds", "references", "enumerations", "vectors of any length",
      "arrays"};
  const bool known = kind >= 0 && static_cast<size_t>(kind) < std::size(kClasses);
  refuse("dataset {} is of {} of {} bytes, expected numbers", shown(name),
         known ? kClasses[kind] : "unknown type", bytes);
}

/// The children of a group in the order of their names: conv2d, conv2d_1, conv2d_2, ..., conv2d_10.
std::vector<std::string> children(hid_t group) {
  std::vector<std::string> names;
  const auto visit = [](hid_t, const char* name, const H5L_info_t* info, void* to) -> herr_t {
    auto& list = *static_cast<std::vector<std::string>*>(to);
    if (info->type == H5L_TYPE_HARD) list.emplace_back(name);  // links to elsewhere are not followed
    return list.size() > kMaxTensors ? -1 : 0;
  };
  if (H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, visit, &names) < 0)
    refuse("a group cannot be listed");
  const auto key = [](const std::string& name) {
    size_t digits = name.size();
    while (digits > 0 && std::isdigit(static_cast<unsigned char>(name[digits - 1]))) --digits;
    const std::string_view number = std::string_view(name).substr(digits);
    const std::string stem =
        number.empty() ? name + "_" : name.substr(0, digits);  // conv2d counts as conv2d_
    return std::tuple(stem, number.size(), std::string(number));
  };
  std::ranges::sort(names, {}, key);
  return names;
}

bool is_dataset(hid_t group, const std::string& name) {
  const Handle object(H5Oopen(group, name.c_str(), H5P_DEFAULT), H5Oclose, shown(name));
  return H5Iget_type(object) == H5I_DATASET;
}

}  // namespace

struct H5Reader::Handles {
  Handle file;
  std::vector<Handle> datasets;
  std::set<std::pair<unsigned long, haddr_t>> seen;  // groups on the way down: a file may hold itself
};

H5Reader::H5Reader(const std::string& path) : handles_(std::make_unique<Handles>()) {
  setenv("HDF5_USE_FILE_LOCKING", "FALSE", 1);
  if (H5open() < 0) refuse("the HDF5 library does not start");
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);  // failures are ours to report, in one line
  H5PLset_loading_state(0);                     // no file makes us load a plugin
  H5Lunregister(H5L_TYPE_EXTERNAL);             // nor read another file
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "the file");
  H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
  handles_->file = Handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access), H5Fclose, "the file");

  const hid_t root = handles_->file;
  for (const char* key : {"keras_version", "backend"})
    if (has_attribute(root, key))
      if (const std::vector<std::string> text = texts(root, key); text.size() == 1)
        metadata_.insert(metadata_.end(), {key, shown(text[0])});
  const auto named = [](hid_t group) {
    return has_attribute(group, "layer_names") || has_attribute(group, "layer_names0");
  };
  if (named(root)) {
    format_ = "Keras weights (HDF5)";
    find_by_attributes(root);
  } else if (has_link(root, "model_weights")) {
    format_ = "Keras model (HDF5)";
    const Handle group = open_group(root, "model_weights");
    if (!named(group)) refuse("its model_weights have no attribute layer_names");
    find_by_attributes(group);
  } else if (has_link(root, "layers") || has_link(root, "_layer_checkpoint_dependencies")) {
    format_ = "Keras 3 weights (HDF5)";
    find_by_folders(root, "", 0);
  } else {
    refuse("HDF5, but none of Keras's files: neither layer_names, nor model_weights, nor layers in it");
  }
}

H5Reader::~H5Reader() = default;

void H5Reader::find_by_attributes(int64_t group) {
  for (const std::string& layer : long_list(group, "layer_names")) {
    const Handle folder = open_group(group, layer);
    for (const std::string& weight : long_list(folder, "weight_names"))
      add(folder, weight, layer + "/" + weight);
  }
}

/// Keras 3 keeps a layer's numbers as layers/conv2d_1/vars/0, 1 ... and, since 3.4, the layer's name as an
/// attribute of vars.
void H5Reader::find_by_folders(int64_t group, const std::string& path, int depth) {
  if (depth > kMaxDepth) refuse("its groups lie in one another more than {} deep", kMaxDepth);
  H5O_info_t info;
  if (H5Oget_info1(group, &info) < 0 || !handles_->seen.emplace(info.fileno, info.addr).second)
    refuse("its group {} holds itself", shown(path));
  for (const std::string& child : children(group)) {
    if (tensors_.size() > kMaxTensors) refuse("more than {} tensors", kMaxTensors);
    const std::string full = path.empty() ? child : path + "/" + child;
    if (is_dataset(group, child)) {
      add(group, child, full);
      continue;
    }
    const Handle folder = open_group(group, child);
    if (full.ends_with("/vars") && has_attribute(folder, "name"))
      if (const std::vector<std::string> name = texts(folder, "name"); name.size() == 1)
        metadata_.insert(metadata_.end(), {full, name[0].substr(0, kMaxTensorName)});
    find_by_folders(folder, full, depth + 1);
  }
}

void H5Reader::add(int64_t group, const std::string& path, const std::string& name) {
  const std::string what = "dataset " + shown(name);
  Handle dataset(H5Dopen2(group, path.c_str(), H5P_DEFAULT), H5Dclose, what);
  const Handle type(H5Dget_type(dataset), H5Tclose, what), space(H5Dget_space(dataset), H5Sclose, what),
      creation(H5Dget_create_plist(dataset), H5Pclose, what);
  const std::string element = element_of(dataset, type, name);
  const H5D_layout_t layout = H5Pget_layout(creation);
  if (layout == H5D_VIRTUAL || H5Pget_external_count(creation) > 0)
    refuse("{}: its numbers lie in another file", what);
  const int rank = H5Sget_simple_extent_ndims(space);
  if (rank < 0 || rank > H5S_MAX_RANK) refuse("{} has no shape", what);
  std::vector<hsize_t> dims(static_cast<size_t>(rank));
  if (rank > 0) H5Sget_simple_extent_dims(space, dims.data(), nullptr);
  // A dataset without storage reads as its fill value: a shape from nothing.
  if (H5Sget_simple_extent_npoints(space) > 0 && H5Dget_storage_size(dataset) == 0)
    refuse("{} holds no numbers", what);
  tensors_.push_back({name, {dims.begin(), dims.end()}, element});
  handles_->datasets.push_back(std::move(dataset));
}

std::vector<float> H5Reader::read(size_t index) const {
  const H5Tensor& tensor = tensors_.at(index);
  size_t elements = 1;
  for (const uint64_t n : tensor.shape) elements *= n;
  std::vector<float> values(elements);
  const hid_t dataset = handles_->datasets[index];
  herr_t done = 0;
  if (tensor.element == "BF16") {
    const Handle type(H5Dget_type(dataset), H5Tclose, tensor.name);
    std::vector<std::byte> bytes(elements * 2);
    done = H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data());
    find_element("BF16")->to_floats(bytes.data(), values);
  } else {
    done = H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  }
  if (done < 0) refuse("dataset {}: its numbers cannot be read: damaged or cut short", shown(tensor.name));
  return values;
}

}  // namespace lineament

#endif  // LINEAMENT_HDF5
