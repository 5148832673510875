// What the HDF5 library says a Keras file holds.
// The library trusts files more than files deserve: see h5.cpp.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace lineament {

struct H5Tensor {
  std::string name;  // its path in the file, from the group of the weights on
  std::vector<uint64_t> shape;
  std::string element;  // "F32"
};

/// A Keras file, open. Everything throws std::runtime_error with a reason, without the file's name.
class H5Reader {
 public:
  explicit H5Reader(const std::string& path);
  ~H5Reader();

  const std::string& format() const { return format_; }
  const std::vector<H5Tensor>& tensors() const { return tensors_; }
  /// keys and values, alternating
  const std::vector<std::string>& metadata() const { return metadata_; }
  /// As f32, whatever it is stored as.
  std::vector<float> read(size_t index) const;

 private:
  struct Handles;
  void find_by_attributes(int64_t group);
  void find_by_folders(int64_t group, const std::string& path, int depth);
  void add(int64_t group, const std::string& path, const std::string& name);

  std::unique_ptr<Handles> handles_;
  std::string format_;
  std::vector<H5Tensor> tensors_;
  std::vector<std::string> metadata_;
};

}  // namespace lineament
