#include "weights/zip_reader.h"

#include <zip.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/paths.h"
#include "weights/weight_file.h"

namespace lineament {
namespace {

using OpenEntry = std::unique_ptr<zip_file_t, decltype(&zip_fclose)>;

/// Moves to `offset`: at once in a stored entry, by unpacking what comes before in a packed one.
bool skip(zip_file_t* file, bool packed, uint64_t offset) {
  if (!packed) return offset == 0 || zip_fseek(file, static_cast<zip_int64_t>(offset), SEEK_SET) == 0;
  std::array<char, 1 << 16> dropped;
  while (offset > 0) {
    const zip_int64_t got = zip_fread(file, dropped.data(), std::min<uint64_t>(offset, dropped.size()));
    if (got <= 0) return false;
    offset -= static_cast<uint64_t>(got);
  }
  return true;
}

}  // namespace

ZipReader::ZipReader(const std::filesystem::path& path) : path_(path.string()) {
  int code = 0;
  zip_ = zip_open(path.c_str(), ZIP_RDONLY, &code);
  if (!zip_) {
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    const std::string why = zip_error_strerror(&error);
    zip_error_fini(&error);
    fail_input("{}: damaged or incomplete zip ({}): copy or download it again", path_, why);
  }
  try {
    const uint64_t file_bytes = bytes_of(path);
    uint64_t unpacked = 0;
    const zip_int64_t count = zip_get_num_entries(zip_, 0);
    for (zip_int64_t i = 0; i < count; ++i) {
      zip_stat_t status;
      zip_stat_init(&status);
      const auto index = static_cast<zip_uint64_t>(i);
      constexpr zip_uint64_t kNeeded =
          ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
      if (zip_stat_index(zip_, index, 0, &status) != 0 || (status.valid & kNeeded) != kNeeded)
        fail_input("{}: damaged zip: its entry {} does not say its name and size", path_, i);
      if (status.encryption_method != ZIP_EM_NONE) fail_input("{}: is encrypted", path_);
      if (status.size > uint64_t{1} << 48 || is_bomb(unpacked += status.size, file_bytes))
        fail_input("{}: its {} bytes would unpack to {} and more: no weights are packed so", path_,
                   file_bytes, std::max<uint64_t>(unpacked, status.size));
      entries_.push_back({status.name, index, status.size, status.comp_method != ZIP_CM_STORE});
    }
  } catch (...) {
    zip_discard(zip_);
    throw;
  }
}

ZipReader::~ZipReader() { zip_discard(zip_); }

const ZipEntry* ZipReader::find(const std::string& name) const {
  const auto found = std::ranges::find(entries_, name, &ZipEntry::name);
  return found == entries_.end() ? nullptr : &*found;
}

void ZipReader::fail(const ZipEntry& entry, const std::string& what) const {
  fail_input("{}: {}: {}", path_, shown(entry.name), what);
}

void ZipReader::read(const ZipEntry& entry, uint64_t offset, std::span<std::byte> bytes) const {
  const OpenEntry file(zip_fopen_index(zip_, entry.index, 0), zip_fclose);
  if (!file && zip_error_code_zip(zip_get_error(zip_)) == ZIP_ER_COMPNOTSUPP)
    fail(entry, "is packed in a way that is not read here, such as LZMA: unpack it, or pack it by deflate");
  if (!file) fail(entry, fmt::format("damaged ({})", zip_strerror(zip_)));
  if (!skip(file.get(), entry.packed, offset)) fail(entry, "shorter than it says, or damaged");
  size_t done = 0;
  while (done < bytes.size()) {
    const zip_int64_t got = zip_fread(file.get(), bytes.data() + done, bytes.size() - done);
    if (got < 0) fail(entry, fmt::format("damaged ({})", zip_file_strerror(file.get())));
    if (got == 0)
      fail(entry, fmt::format("ends at byte {}, {} were expected", offset + done, offset + bytes.size()));
    done += static_cast<size_t>(got);
  }
  char more;  // libzip compares the checksum where it meets the end
  if (offset + bytes.size() == entry.bytes && zip_fread(file.get(), &more, 1) != 0)
    fail(entry, "damaged (checksum or size)");
}

std::string ZipReader::read_text(const ZipEntry& entry, uint64_t limit) const {
  if (entry.bytes > limit)
    fail(entry, fmt::format("would unpack to {} bytes, at most {} are read", entry.bytes, limit));
  std::string text(entry.bytes, '\0');
  read(entry, 0, std::as_writable_bytes(std::span(text)));
  return text;
}

}  // namespace lineament
