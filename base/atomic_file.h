// A file appears whole or not at all: write beside the target, check every write, fsync, rename.
#pragma once
#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/temporary.h"

namespace lineament {

/// Invariant: until commit() returns, the target is what it was; without commit() nothing is left behind. Links are written
/// through, and a file that is replaced keeps its mode and its owner; where it cannot keep the owner, a line on stderr says so.
/// Errors: InputError where `path` cannot be a file (no such folder, no permission, a device or a folder), is an input that is
/// spared (base/inputs.h) or its disk is full ("PATH: cannot write: No space left on device; make room ..."); RunError where
/// writing fails otherwise.
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view text);
  void write(std::span<const std::byte> bytes);
  /// Makes it the target, durably. Nothing may be written after it.
  void commit();

 private:
  void make_temporary(int mode);
  void flush();
  void send(const char* bytes, size_t count);
  [[noreturn]] void fail(int error);

  std::filesystem::path named_;      // as the user wrote it, for messages
  std::filesystem::path target_;     // with symbolic links followed
  std::filesystem::path temporary_;  // beside the target, on its file system
  std::optional<Temporary> listed_;  // while it is there
  int descriptor_ = -1;              // -1 once closed
  std::string buffer_;
};

/// The whole of a small file at once.
void write_atomically(const std::filesystem::path& path, std::string_view text);

}  // namespace lineament
