// A .safetensors of any element type as a WeightFile.
#include "weights/weight_file.h"

namespace lineament {
namespace {

class SafetensorsFile : public WeightFile {
 public:
  explicit SafetensorsFile(const std::filesystem::path& path) : WeightFile(path), reader_(path) {
    for (const TensorEntry& entry : reader_.entries()) {
      std::vector<uint64_t> dims;
      for (int axis = 0; axis < entry.shape.rank(); ++axis)
        dims.push_back(static_cast<uint64_t>(entry.shape[axis]));
      add(entry.name, dims, find_element(entry.dtype));
    }
    metadata_ = reader_.metadata();
  }

  std::string format() const override { return "safetensors"; }

  void read(size_t index, std::span<float> values) override {
    const SourceTensor& tensor = prepare(index, values);
    const TensorEntry& entry = reader_.entries()[index];
    if (entry.dtype == "F32") return reader_.read(entry, values);
    std::vector<std::byte> bytes(entry.end - entry.begin);
    reader_.read_raw(entry, bytes);
    tensor.element->to_floats(bytes.data(), values);
  }

 private:
  SafetensorsReader reader_;
};

}  // namespace

std::unique_ptr<WeightFile> open_safetensors(const std::filesystem::path& path) {
  return std::make_unique<SafetensorsFile>(path);
}

}  // namespace lineament
