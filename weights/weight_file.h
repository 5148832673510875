// A file of weights, whoever wrote it: tensors by the names that the file gives them, read as f32.
#pragma once
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/shown.h"
#include "tensor/shape.h"
#include "weights/element.h"
#include "weights/safetensors.h"

namespace lineament {

struct SourceTensor {
  std::string name;  // as the file has it: "_blocks.0._bn1.weight", "conv1/conv1/kernel:0"
  Shape shape;       // as the file has it, no axes moved
  const Element* element;
};

/// Invariant: the names differ, each at most kMaxTensorName bytes; every tensor's bytes lie in the file, and
/// all together unpack to a size that its own justifies.
class WeightFile {
 public:
  virtual ~WeightFile() = default;

  /// One line: "PyTorch state dict, zip".
  virtual std::string format() const = 0;
  const std::filesystem::path& path() const { return path_; }
  /// In the file's order, which is the order of layers where the format keeps one.
  const std::vector<SourceTensor>& tensors() const { return tensors_; }
  /// What the file says about itself.
  const Metadata& metadata() const { return metadata_; }

  /// The tensor at `index` of tensors(). A check fails where the size differs; InputError where its element
  /// type is no type of weights or its bytes turn out to be damaged.
  virtual void read(size_t index, std::span<float> values) = 0;

  /// InputError: "PATH: what".
  [[noreturn]] void fail(const std::string& what) const { fail_input("{}: {}", path_.string(), what); }

 protected:
  explicit WeightFile(std::filesystem::path path) : path_(std::move(path)) {}
  /// Appends a tensor, its `name` and `dims` as a stranger gave them. InputError where they make no tensor.
  void add(const std::string& name, std::span<const uint64_t> dims, const Element* element);
  /// Stops where `index` or the size is not the caller's right, or the element is no type of weights.
  const SourceTensor& prepare(size_t index, std::span<float> values) const;

  std::filesystem::path path_;
  std::vector<SourceTensor> tensors_;
  Metadata metadata_;
};

inline constexpr size_t kMaxTensorName = 250;
inline constexpr size_t kMaxTensors = 100'000;

/// Opens .h5, .pth, .safetensors or .npz by what is in it, never by its name; reads and checks the list of
/// tensors alone. InputError where it is none of these, is damaged,
/// or is a format this build has no library for.
std::unique_ptr<WeightFile> open_weights(const std::filesystem::path& path);

/// Weights hardly compress: what unpacks to more than 64 MiB and a
/// hundred times its file was made to fill a memory.
constexpr bool is_bomb(uint64_t unpacked_bytes, uint64_t file_bytes) {
  return unpacked_bytes > uint64_t{64} << 20 && unpacked_bytes / 100 > file_bytes;
}

// The readers, each in a file of its own.
std::unique_ptr<WeightFile> open_h5(const std::filesystem::path& path);
std::unique_ptr<WeightFile> open_pytorch_zip(const std::filesystem::path& path);
std::unique_ptr<WeightFile> open_pytorch_legacy(const std::filesystem::path& path);
std::unique_ptr<WeightFile> open_safetensors(const std::filesystem::path& path);
std::unique_ptr<WeightFile> open_npz(const std::filesystem::path& path);

}  // namespace lineament
