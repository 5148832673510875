// A zip that may lie about itself: entries by index, read by the piece, through libzip.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

struct zip;

namespace lineament {

struct ZipEntry {
  std::string name;
  uint64_t index = 0;
  uint64_t bytes = 0;   // unpacked, as the zip says
  bool packed = false;  // or stored as it is
};

class ZipReader {
 public:
  /// Reads the directory. InputError where the file is no zip, is cut short, or holds encrypted entries.
  explicit ZipReader(const std::filesystem::path& path);
  ~ZipReader();
  ZipReader(const ZipReader&) = delete;
  ZipReader& operator=(const ZipReader&) = delete;

  const std::vector<ZipEntry>& entries() const { return entries_; }
  const ZipEntry* find(const std::string& name) const;

  /// Fills `bytes` from `offset` on; where that reaches the entry's end, its checksum has been verified.
  /// InputError where the entry is shorter than it says, or damaged.
  void read(const ZipEntry& entry, uint64_t offset, std::span<std::byte> bytes) const;
  /// A whole entry, at most `limit` bytes.
  std::string read_text(const ZipEntry& entry, uint64_t limit) const;

 private:
  [[noreturn]] void fail(const ZipEntry& entry, const std::string& what) const;

  std::string path_;
  struct zip* zip_ = nullptr;
  std::vector<ZipEntry> entries_;
};

}  // namespace lineament
