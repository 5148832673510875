// PyTorch state dicts: a pickle that says which window of which storage
// a tensor is, and the storages' bytes behind it.
#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

#include "base/paths.h"
#include "weights/gather.h"
#include "weights/pickle.h"
#include "weights/weight_file.h"
#include "weights/zip_reader.h"

namespace lineament {
namespace {

constexpr uint64_t kMaxPickleBytes = 64u << 20;

/// Both forms: the tensors of a state dict; where their storages lie is for the form to say.
class PytorchFile : public WeightFile {
 public:
  void read(size_t index, std::span<float> values) override {
    const SourceTensor& tensor = prepare(index, values);
    if (values.empty()) return;
    const PickledTensor& window = windows_[index];
    Strides strides{};
    uint64_t reach = 1;  // elements from the window's first to its last
    for (int axis = 0; axis < tensor.shape.rank(); ++axis) {
      strides[axis] = static_cast<int64_t>(window.strides[axis]);
      reach += static_cast<uint64_t>(tensor.shape[axis] - 1) * window.strides[axis];
    }
    std::vector<std::byte> bytes(reach * tensor.element->bytes);
    read_storage(window.storage, window.offset * tensor.element->bytes, bytes);
    if (dense(tensor.shape, strides)) return tensor.element->to_floats(bytes.data(), values);
    std::vector<float> all(reach);
    tensor.element->to_floats(bytes.data(), all);
    gather(all, tensor.shape, strides, values);
  }

 protected:
  using WeightFile::WeightFile;
  /// Bytes of a storage from `offset` on; they have been checked to be there.
  virtual void read_storage(const PickledStorage& storage, uint64_t offset, std::span<std::byte> bytes) = 0;

  Pickle unpickle(std::istream& in) const {
    try {
      return Pickle(in);
    } catch (const std::runtime_error& error) {
      fail(error.what());
    }
  }

  /// The tensors of `pickle`: its root is a state dict, or a dict that holds one under a usual name.
  void add_tensors(const Pickle& pickle) {
    const Pickle::Node* dict = &pickle.root();
    for (const char* key : {"state_dict", "model_state_dict", "model"})
      if (const Pickle::Node* inner = pickle.find(pickle.root(), key);
          inner && inner->kind == Pickle::Kind::dict)
        dict = inner;
    if (dict->kind != Pickle::Kind::dict) fail("its pickle is no dict of tensors, expected a state dict");
    for (size_t i = 0; i + 1 < dict->items.size(); i += 2) {
      const Pickle::Node &name = pickle[dict->items[i]], &value = pickle[dict->items[i + 1]];
      if (value.kind != Pickle::Kind::tensor) continue;  // an epoch, a version
      if (name.kind != Pickle::Kind::text) fail("its state dict has a tensor without a name");
      add_tensor(name.text, *value.tensor);
    }
  }

 private:
  void add_tensor(const std::string& name, const PickledTensor& window) {
    add(name, window.shape, find_element(window.storage.element));
    const SourceTensor& tensor = tensors_.back();
    windows_.push_back(window);
    if (tensor.shape.elements() == 0) return;
    uint64_t last = window.offset;
    for (size_t axis = 0; axis < window.shape.size(); ++axis) {
      const uint64_t steps = window.shape[axis] - 1, stride = window.strides[axis];
      if (last >= window.storage.numel || (steps > 0 && stride > window.storage.numel / steps))
        last = UINT64_MAX / 2;
      else
        last += steps * stride;
    }
    if (last >= window.storage.numel)
      fail(fmt::format("tensor {} {} reaches beyond its storage of {} numbers", shown(name),
                       to_string(tensor.shape), window.storage.numel));
  }

  static bool dense(const Shape& shape, const Strides& strides) {
    const Strides wanted = dense_strides(shape);
    for (int axis = 0; axis < shape.rank(); ++axis)
      if (shape[axis] > 1 && strides[axis] != wanted[axis]) return false;
    return true;
  }

 protected:
  std::vector<PickledTensor> windows_;  // one for each tensor
};

/// A zip of data.pkl and one entry for each storage: data/0, data/1 ...
class PytorchZip : public PytorchFile {
 public:
  explicit PytorchZip(const std::filesystem::path& path) : PytorchFile(path), zip_(path) {
    const auto pickle =
        std::ranges::find_if(zip_.entries(), [](const ZipEntry& e) { return e.name.ends_with("/data.pkl"); });
    if (pickle == zip_.entries().end()) fail("a zip without data.pkl");
    folder_ = pickle->name.substr(0, pickle->name.size() - std::strlen("data.pkl"));
    if (const ZipEntry* order = zip_.find(folder_ + "byteorder");
        order && zip_.read_text(*order, 16) != "little")
      fail("was written on a big-endian machine: not read");
    for (const ZipEntry& entry : zip_.entries()) by_name_.emplace(entry.name, &entry);
    std::istringstream in(zip_.read_text(*pickle, kMaxPickleBytes));
    add_tensors(unpickle(in));
    for (size_t i = 0; i < windows_.size(); ++i) check_storage(windows_[i].storage, tensors_[i]);
  }

  std::string format() const override { return "PyTorch state dict, zip"; }

 private:
  void check_storage(const PickledStorage& storage, const SourceTensor& tensor) const {
    const auto entry = by_name_.find(folder_ + "data/" + storage.key);
    if (entry == by_name_.end())
      fail(
          fmt::format("tensor {}: its storage data/{} is not there", shown(tensor.name), shown(storage.key)));
    const uint64_t bytes = entry->second->bytes, size = tensor.element->bytes;
    if (bytes % size != 0 || bytes / size != storage.numel)
      fail(fmt::format("tensor {}: its storage data/{} has {} bytes, expected {} numbers of {}",
                       shown(tensor.name), shown(storage.key), bytes, storage.numel, size));
  }
  void read_storage(const PickledStorage& storage, uint64_t offset, std::span<std::byte> bytes) override {
    zip_.read(*by_name_.at(folder_ + "data/" + storage.key), offset, bytes);
  }

  ZipReader zip_;
  std::string folder_;
  std::map<std::string, const ZipEntry*> by_name_;
};

/// The form before 1.6: pickles of a magic number, a version, the machine, the dict and the storages' keys,
/// one after the other; then for each key the number of its elements and their bytes.
class PytorchLegacy : public PytorchFile {
 public:
  explicit PytorchLegacy(const std::filesystem::path& path)
      : PytorchFile(path), in_(path, std::ios::binary), file_bytes_(bytes_of(path)) {
    unpickle(in_);  // the magic number, by which open_weights() knew it
    if (const Pickle version = unpickle(in_); version.root().integer != 1001)
      fail(fmt::format("protocol version {}, expected 1001", version.root().integer));
    const Pickle machine = unpickle(in_);
    if (const Pickle::Node* little = machine.find(machine.root(), "little_endian");
        little && little->integer == 0)
      fail("was written on a big-endian machine: not read");
    const Pickle dict = unpickle(in_);
    add_tensors(dict);
    find_storages(dict, unpickle(in_));
  }

  std::string format() const override { return "PyTorch state dict, older form"; }

 private:
  void find_storages(const Pickle& dict, const Pickle& keys) {
    std::map<std::string, const PickledStorage*> known;
    for (const Pickle::Node& node : dict.nodes()) {
      if (node.kind != Pickle::Kind::storage) continue;
      const PickledStorage& storage = node.tensor->storage;
      const auto [row, is_new] = known.emplace(storage.key, &storage);
      if (!is_new && (row->second->numel != storage.numel || row->second->element != storage.element))
        fail(fmt::format("storage {} is described twice, differently", shown(storage.key)));
    }
    auto at = static_cast<uint64_t>(in_.tellg());
    for (const Pickle::Id id : keys.root().items) {
      const std::string& key = keys[id].text;
      const auto storage = known.find(key);
      if (storage == known.end()) fail(fmt::format("storage {} is none of its pickle's", shown(key)));
      uint64_t numel = 0;
      in_.seekg(static_cast<std::streamoff>(at));
      in_.read(reinterpret_cast<char*>(&numel), sizeof numel);
      if (!in_) fail(fmt::format("cut short at byte {}", at));
      if (numel != storage->second->numel)
        fail(fmt::format("storage {} has {} numbers, its tensors expect {}", shown(key), numel,
                         storage->second->numel));
      at += sizeof numel;
      const uint64_t size = find_element(storage->second->element)->bytes;
      if (numel > (file_bytes_ - at) / size)
        fail(fmt::format("cut short: storage {} of {} numbers ends after the file's {} bytes", shown(key),
                         numel, file_bytes_));
      starts_[key] = at;
      at += numel * size;
    }
    if (at != file_bytes_)
      fail(fmt::format("{} bytes follow its last storage, expected none", file_bytes_ - at));
    for (size_t i = 0; i < windows_.size(); ++i)
      if (!starts_.contains(windows_[i].storage.key))
        fail(fmt::format("tensor {}: its storage is not there", shown(tensors_[i].name)));
  }
  void read_storage(const PickledStorage& storage, uint64_t offset, std::span<std::byte> bytes) override {
    in_.seekg(static_cast<std::streamoff>(starts_.at(storage.key) + offset));
    in_.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!in_) fail(fmt::format("cut short while storage {} was read", shown(storage.key)));
  }

  std::ifstream in_;
  uint64_t file_bytes_;
  std::map<std::string, uint64_t> starts_;
};

}  // namespace

std::unique_ptr<WeightFile> open_pytorch_zip(const std::filesystem::path& path) {
  return std::make_unique<PytorchZip>(path);
}
std::unique_ptr<WeightFile> open_pytorch_legacy(const std::filesystem::path& path) {
  return std::make_unique<PytorchLegacy>(path);
}

}  // namespace lineament
