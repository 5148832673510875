// NumPy's .npz: a zip of .npy, each a short Python literal (type, order, shape) before its numbers.
#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <string_view>

#include "weights/gather.h"
#include "weights/weight_file.h"
#include "weights/zip_reader.h"

namespace lineament {
namespace {

struct NpyHeader {
  std::string type;  // "<f4"
  bool fortran_order = false;
  std::vector<uint64_t> shape;
};

struct TypeRow {
  std::string_view npy, name;
};
constexpr TypeRow kTypes[] = {{"<f4", "F32"}, {"<f8", "F64"}, {"<f2", "F16"}, {"<i8", "I64"},
                              {"<i4", "I32"}, {"<u8", "U64"}, {"<u4", "U32"}, {"<i2", "I16"},
                              {"<u2", "U16"}, {"|i1", "I8"},  {"|u1", "U8"},  {"|b1", "BOOL"}};

/// {'descr': '<f4', 'fortran_order': False, 'shape': (3, 3), } and nothing but that; a runtime_error says
/// what is not.
class Literal {
 public:
  explicit Literal(std::string_view text) : text_(text) {}

  NpyHeader parse() {
    NpyHeader header;
    int keys = 0;
    need('{');
    while (!take('}')) {
      const std::string key = quoted();
      need(':');
      if (key == "descr")
        header.type = quoted();
      else if (key == "fortran_order")
        header.fortran_order = truth();
      else if (key == "shape")
        header.shape = sizes();
      else
        refuse();
      ++keys;
      if (!take(',')) {
        need('}');
        break;
      }
    }
    if (keys != 3 || header.type.empty()) refuse();
    return header;
  }

 private:
  [[noreturn]] static void refuse() {
    throw std::runtime_error("its header is none of NumPy's plain arrays");
  }

  bool take(char wanted) {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    if (at_ == text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  void need(char wanted) {
    if (!take(wanted)) refuse();
  }
  std::string quoted() {
    need('\'');
    const size_t end = text_.find('\'', at_);
    if (end == std::string_view::npos) refuse();
    std::string word(text_.substr(at_, end - at_));
    at_ = end + 1;
    return word;
  }
  bool truth() {
    take(' ');
    for (const std::string_view word : {"True", "False"})
      if (text_.substr(at_).starts_with(word)) {
        at_ += word.size();
        return word == "True";
      }
    refuse();
  }
  std::vector<uint64_t> sizes() {
    std::vector<uint64_t> list;
    need('(');
    while (!take(')')) {
      uint64_t n = 0;
      size_t digits = 0;
      for (; at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_])); ++at_, ++digits)
        n = n * 10 + static_cast<uint64_t>(text_[at_] - '0');
      if (digits == 0 || digits > 15 || list.size() == 64) refuse();
      list.push_back(n);
      if (!take(',')) {
        need(')');
        break;
      }
    }
    return list;
  }

  std::string_view text_;
  size_t at_ = 0;
};

class NpzFile : public WeightFile {
 public:
  explicit NpzFile(const std::filesystem::path& path) : WeightFile(path), zip_(path) {
    for (const ZipEntry& entry : zip_.entries())
      if (!entry.name.ends_with('/')) add_entry(entry);
  }

  std::string format() const override { return "NumPy .npz"; }

  void read(size_t index, std::span<float> values) override {
    const SourceTensor& tensor = prepare(index, values);
    const Place& place = places_[index];
    std::vector<std::byte> bytes(tensor.shape.elements() * tensor.element->bytes);
    zip_.read(*place.entry, place.start, bytes);
    if (!place.fortran_order) return tensor.element->to_floats(bytes.data(), values);
    std::vector<float> columns(values.size());
    tensor.element->to_floats(bytes.data(), columns);
    Strides strides{};
    int64_t step = 1;
    for (int axis = 0; axis < tensor.shape.rank(); ++axis) {
      strides[axis] = step;
      step *= tensor.shape[axis];
    }
    gather(columns, tensor.shape, strides, values);
  }

 private:
  struct Place {
    const ZipEntry* entry;
    uint64_t start;  // of the numbers
    bool fortran_order;
  };

  void add_entry(const ZipEntry& entry) {
    const std::string name =
        entry.name.ends_with(".npy") ? entry.name.substr(0, entry.name.size() - 4) : entry.name;
    const auto refuse = [&](const std::string& what) {
      fail(fmt::format("array {}: {}", shown(name), what));
    };
    std::array<std::byte, 12> start{};
    if (entry.bytes < start.size()) refuse("too short for a .npy");
    zip_.read(entry, 0, start);
    if (std::memcmp(start.data(), "\x93NUMPY", 6) != 0) refuse("is no .npy");
    const bool first_version = start[6] == std::byte{1};  // two bytes of length; later versions have four
    uint32_t length = 0;
    std::memcpy(&length, start.data() + 8, first_version ? 2 : 4);
    const uint64_t begin = first_version ? 10 : 12;
    if (length > 1 << 16 || begin + length > entry.bytes) refuse("its header is longer than any");
    std::string text(length, '\0');
    zip_.read(entry, begin, std::as_writable_bytes(std::span(text)));
    NpyHeader header;
    try {
      header = Literal(text).parse();
    } catch (const std::runtime_error& error) {
      refuse(error.what());
    }
    const auto type = std::ranges::find(kTypes, std::string_view(header.type), &TypeRow::npy);
    if (type == std::end(kTypes)) refuse(fmt::format("type {} is not read", shown(header.type)));
    add(name, header.shape, find_element(type->name));
    const uint64_t bytes = tensors_.back().shape.elements() * tensors_.back().element->bytes;
    if (bytes != entry.bytes - begin - length)
      refuse(fmt::format("{} takes {} bytes, the zip holds {}", to_string(tensors_.back().shape), bytes,
                         entry.bytes - begin - length));
    places_.push_back({&entry, begin + length, header.fortran_order});
  }

  ZipReader zip_;
  std::vector<Place> places_;
};

}  // namespace

std::unique_ptr<WeightFile> open_npz(const std::filesystem::path& path) {
  return std::make_unique<NpzFile>(path);
}

}  // namespace lineament
