// Reads a header as if somebody had made it up: every number is checked before it is used.
#include "weights/safetensors.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "base/check.h"
#include "base/inputs.h"
#include "weights/element.h"
#include "weights/weight_file.h"

namespace lineament {

static_assert(std::endian::native == std::endian::little, "tensors are written as they lie in memory");

namespace {

using nlohmann::json;

constexpr uint64_t kLengthBytes = 8;
constexpr uint64_t kMaxHeaderBytes = 16u
                                     << 20;  // the largest network here, optimiser included, takes half an MB
constexpr uint64_t kMaxElements = uint64_t{1} << 48;
constexpr int kMaxDepth = 4;
constexpr char kMetadataKey[] = "__metadata__";

/// Bytes of an element; 0 for a type that the format does not know.
uint64_t element_bytes(std::string_view dtype) {
  const Element* element = find_element(dtype);
  return element ? element->bytes : 0;
}

Shape make_shape(const std::vector<int64_t>& d) {
  switch (d.size()) {
    case 0:
      return {};
    case 1:
      return {d[0]};
    case 2:
      return {d[0], d[1]};
    case 3:
      return {d[0], d[1], d[2]};
    default:
      return {d[0], d[1], d[2], d[3]};
  }
}

/// Refuses what nlohmann would let pass: names given twice (the last would win) and nesting without end.
json parse_strictly(const std::string& text) {
  std::array<std::set<std::string>, kMaxDepth + 2> keys;  // of the object open at each depth
  const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
    if (depth > kMaxDepth) throw std::runtime_error("nested too deeply");
    if (event == json::parse_event_t::object_start) keys[depth + 1].clear();
    if (event == json::parse_event_t::key && !keys[depth].insert(parsed.get<std::string>()).second)
      throw std::runtime_error(fmt::format("\"{}\" comes twice", shown(parsed.get<std::string>())));
    return true;
  };
  return json::parse(text, watch);
}

/// One tensor of the header; a runtime_error says what is wrong with it.
TensorEntry parse_entry(const std::string& name, const json& value) {
  const auto refuse = [](const std::string& what) { throw std::runtime_error(what); };
  const auto is_list = [](const json& list) {
    return list.is_array() && std::ranges::all_of(list, [](const json& v) { return v.is_number_unsigned(); });
  };
  if (!value.is_object() || value.size() != 3 || !value.contains("dtype") || !value.contains("shape") ||
      !value.contains("data_offsets"))
    refuse("expected dtype, shape and data_offsets");
  const json &dtype = value["dtype"], &dims = value["shape"], &offsets = value["data_offsets"];
  if (!dtype.is_string() || element_bytes(dtype.get<std::string>()) == 0)
    refuse(fmt::format("dtype {} is none of the format's", shown(dtype.dump())));
  if (!is_list(dims)) refuse("its shape is not a list of sizes");
  if (dims.size() > Shape::kMaxRank)
    refuse(fmt::format("{} axes, at most {} are read", dims.size(), Shape::kMaxRank));
  if (!is_list(offsets) || offsets.size() != 2) refuse("its data_offsets are not [begin, end]");

  std::vector<int64_t> sizes;
  uint64_t elements = 1;
  for (const json& size : dims) {
    const auto n = size.get<uint64_t>();
    if (n > kMaxElements || (n > 0 && elements > kMaxElements / n)) refuse("its shape is beyond any memory");
    elements *= n;
    sizes.push_back(static_cast<int64_t>(n));
  }
  TensorEntry entry = {.name = name,
                       .dtype = dtype.get<std::string>(),
                       .shape = make_shape(sizes),
                       .begin = offsets[0].get<uint64_t>(),
                       .end = offsets[1].get<uint64_t>()};
  const uint64_t bytes = elements * element_bytes(entry.dtype);
  if (entry.end < entry.begin || entry.end - entry.begin != bytes)
    refuse(fmt::format("{} {} takes {} bytes, its data_offsets are {} and {}", entry.dtype,
                       to_string(entry.shape), bytes, entry.begin, entry.end));
  return entry;
}

/// What is wrong with the JSON, without the library's tag and its copy of the text.
std::string json_complaint(const std::exception& error) {
  const auto* parse_error = dynamic_cast<const json::parse_error*>(&error);
  return parse_error ? fmt::format("its header is no JSON at byte {}", kLengthBytes + parse_error->byte)
                     : fmt::format("its header: {}", error.what());
}

}  // namespace

SafetensorsReader::SafetensorsReader(const std::filesystem::path& path) : path_(path) {
  note_input(path);
  // A pipe must not block before it is refused.
  descriptor_ = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0) fail(fmt::format("cannot read: {}", std::strerror(errno)));
  try {
    struct stat status {};
    if (fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) fail("is not a regular file");
    const auto file_bytes = static_cast<uint64_t>(status.st_size);
    if (file_bytes < kLengthBytes)
      fail(fmt::format("cut short: {} bytes, not even a header's length", file_bytes));

    uint64_t header_bytes = 0;
    read_bytes(0, &header_bytes, kLengthBytes);
    if (header_bytes > kMaxHeaderBytes)
      fail(fmt::format("is not safetensors: its header would have {} bytes", header_bytes));
    if (header_bytes > file_bytes - kLengthBytes)
      fail(fmt::format("cut short: its header ends at byte {}, the file has {}; copy or write it again",
                       kLengthBytes + header_bytes, file_bytes));
    std::string header(header_bytes, '\0');
    read_bytes(kLengthBytes, header.data(), header.size());
    data_start_ = kLengthBytes + header_bytes;
    parse_header(header);
    check_layout(file_bytes - data_start_);
  } catch (...) {
    close(descriptor_);
    throw;
  }
}

SafetensorsReader::~SafetensorsReader() { close(descriptor_); }

void SafetensorsReader::fail(const std::string& what) const { fail_input("{}: {}", path_.string(), what); }

void SafetensorsReader::read_bytes(uint64_t position, void* data, size_t bytes) const {
  auto* to = static_cast<char*>(data);
  while (bytes > 0) {
    const ssize_t got = pread(descriptor_, to, bytes, static_cast<off_t>(position));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_run("{}: cannot read: {}", path_.string(), std::strerror(errno));
    if (got == 0) fail(fmt::format("cut short at byte {} while it was being read", position));
    to += got;
    position += static_cast<uint64_t>(got);
    bytes -= static_cast<size_t>(got);
  }
}

void SafetensorsReader::parse_header(const std::string& text) {
  if (text.empty() || text.front() != '{') fail("is not safetensors: its header does not begin with '{'");
  json header;
  try {
    header = parse_strictly(text);
  } catch (const std::exception& error) {
    fail(json_complaint(error));
  }

  for (const auto& [name, value] : header.items()) {
    if (name == kMetadataKey) {
      if (!value.is_object()) fail("its __metadata__ is not a map of texts");
      for (const auto& [key, text_value] : value.items()) {
        if (!text_value.is_string()) fail(fmt::format("its __metadata__ \"{}\" is not a text", shown(key)));
        metadata_[key] = text_value.get<std::string>();
      }
      continue;
    }
    try {
      entries_.push_back(parse_entry(name, value));
    } catch (const std::runtime_error& error) {
      fail(fmt::format("tensor {}: {}", shown(name), error.what()));
    }
  }
}

void SafetensorsReader::check_layout(uint64_t data_bytes) {
  std::ranges::sort(entries_, [](const TensorEntry& a, const TensorEntry& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  uint64_t end = 0;
  for (const TensorEntry& entry : entries_) {
    if (entry.begin != end)
      fail(fmt::format("tensor {} begins at byte {} of the data, the one before it ends at {}",
                       shown(entry.name), entry.begin, end));
    end = entry.end;
    if (end > data_bytes)
      fail(fmt::format("cut short: tensor {} ends at byte {}, the file has {}; copy or write it again",
                       shown(entry.name), data_start_ + end, data_start_ + data_bytes));
  }
  if (end < data_bytes) fail(fmt::format("{} bytes follow its last tensor, expected none", data_bytes - end));
  for (size_t i = 0; i < entries_.size(); ++i) index_[entries_[i].name] = i;
}

const TensorEntry* SafetensorsReader::find(const std::string& name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : &entries_[found->second];
}

std::vector<float> SafetensorsReader::read(const std::string& name) const {
  const TensorEntry* entry = find(name);
  if (!entry) fail(fmt::format("holds no tensor {}", shown(name)));
  std::vector<float> values(entry->shape.elements());
  read(*entry, values);
  return values;
}

void SafetensorsReader::read(const TensorEntry& entry, std::span<float> values) const {
  if (entry.dtype != "F32" && entry.dtype != "F16")
    fail(fmt::format("tensor {} is {}, only F32 and F16 are read", shown(entry.name), entry.dtype));
  check(values.size() == entry.shape.elements(), "{}: {} floats for {}", entry.name, values.size(), to_string(entry.shape));
  if (entry.dtype == "F32") return read_bytes(data_start_ + entry.begin, values.data(), values.size_bytes());
  std::vector<std::byte> bytes(entry.end - entry.begin);
  read_raw(entry, bytes);
  find_element(entry.dtype)->to_floats(bytes.data(), values);
}

void SafetensorsReader::read_raw(const TensorEntry& entry, std::span<std::byte> bytes) const {
  check(bytes.size() == entry.end - entry.begin, "{}: {} bytes for {}", entry.name, bytes.size(),
        to_string(entry.shape));
  read_bytes(data_start_ + entry.begin, bytes.data(), bytes.size());
}

namespace {

/// Length and JSON in one, padded so that the data begin at a multiple of 8.
std::string make_header(const std::vector<TensorName>& tensors, const Metadata& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header[kMetadataKey] = metadata;
  uint64_t begin = 0;
  for (const TensorName& tensor : tensors) {
    check(tensor.name != kMetadataKey && !header.contains(tensor.name), "tensor {} comes twice", tensor.name);
    nlohmann::ordered_json dims = nlohmann::ordered_json::array();
    for (int axis = 0; axis < tensor.shape.rank(); ++axis) dims.push_back(tensor.shape[axis]);
    const uint64_t end = begin + tensor.shape.elements() * element_bytes(tensor.dtype);
    header[tensor.name] = {{"dtype", tensor.dtype}, {"shape", std::move(dims)}, {"data_offsets", {begin, end}}};
    begin = end;
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const nlohmann::json::type_error&) {
    fail_input("safetensors: the name of a tensor is no UTF-8, which the format asks for");
  }
  text.append((8 - text.size() % 8) % 8, ' ');
  const uint64_t length = text.size();
  return std::string(reinterpret_cast<const char*>(&length), sizeof length) + text;
}

}  // namespace

SafetensorsWriter::SafetensorsWriter(const std::filesystem::path& path, std::vector<TensorName> tensors,
                                     const Metadata& metadata)
    : file_(path), tensors_(std::move(tensors)) {
  file_.write(make_header(tensors_, metadata));
}

void SafetensorsWriter::write(std::span<const float> values) {
  check(written_ < tensors_.size(), "more tensors written than declared");
  const TensorName& tensor = tensors_[written_++];
  check(values.size() == tensor.shape.elements(), "{}: {} values for {}", tensor.name, values.size(),
        to_string(tensor.shape));
  if (tensor.dtype == "F32") return file_.write(std::as_bytes(values));
  std::vector<uint16_t> halves(values.size());
  std::ranges::transform(values, halves.begin(), float_to_half);
  file_.write(std::as_bytes(std::span(halves)));
}

void SafetensorsWriter::commit() {
  check(written_ == tensors_.size(), "{} tensors written of {} declared", written_, tensors_.size());
  file_.commit();
}

}  // namespace lineament
