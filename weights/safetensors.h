// The safetensors format: 8 bytes of header length, a JSON header, then every tensor's bytes without a gap.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "tensor/shape.h"

namespace lineament {

/// What else a file says about itself; lives under "__metadata__".
using Metadata = std::map<std::string, std::string>;

/// A tensor as the header describes it; `begin` and `end` are bytes from the start of the data.
struct TensorEntry {
  std::string name;
  std::string dtype;  // "F32", "F16", "I64" ...
  Shape shape;
  uint64_t begin = 0, end = 0;
};

/// Invariant: every entry lies inside the file, as long as its shape says,
/// and together they fill the data exactly.
class SafetensorsReader {
 public:
  /// Reads and checks the header alone. InputError where the file is missing, cut short or not safetensors.
  explicit SafetensorsReader(const std::filesystem::path& path);
  ~SafetensorsReader();
  SafetensorsReader(const SafetensorsReader&) = delete;
  SafetensorsReader& operator=(const SafetensorsReader&) = delete;

  const std::filesystem::path& path() const { return path_; }
  const Metadata& metadata() const { return metadata_; }
  /// In the order of their bytes.
  const std::vector<TensorEntry>& entries() const { return entries_; }
  const TensorEntry* find(const std::string& name) const;

  /// InputError if there is no such tensor or it is neither F32 nor F16.
  std::vector<float> read(const std::string& name) const;
  /// The same into memory of the entry's size.
  void read(const TensorEntry& entry, std::span<float> values) const;
  /// An entry of any type as its bytes lie in the file.
  void read_raw(const TensorEntry& entry, std::span<std::byte> bytes) const;

 private:
  [[noreturn]] void fail(const std::string& what) const;
  void read_bytes(uint64_t position, void* data, size_t bytes) const;
  void parse_header(const std::string& text);
  void check_layout(uint64_t data_bytes);

  std::filesystem::path path_;
  int descriptor_ = -1;
  uint64_t data_start_ = 0;
  Metadata metadata_;
  std::vector<TensorEntry> entries_;
  std::map<std::string, size_t> index_;
};

struct TensorName {
  std::string name;
  Shape shape;
  std::string dtype = "F32";  // or F16
};

/// Writes tensors one at a time, in the order declared, each as it was declared; the file appears at commit(), whole, or not at all.
class SafetensorsWriter {
 public:
  /// InputError or RunError as AtomicFile.
  SafetensorsWriter(const std::filesystem::path& path, std::vector<TensorName> tensors,
                    const Metadata& metadata = {});

  /// The next tensor declared; a check fails where its size differs.
  void write(std::span<const float> values);
  void commit();

 private:
  AtomicFile file_;
  std::vector<TensorName> tensors_;
  size_t written_ = 0;
};

}  // namespace lineament
