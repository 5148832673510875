// Write beside the target, check every write, fsync, rename: AtomicFile.
#include "base/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/check.h"

namespace lineament {
namespace fs = std::filesystem;

namespace {

constexpr size_t kBufferBytes = 1 << 20;

/// Where the bytes go in the end. A symbolic link is written through; a device is never replaced by a file.
fs::path resolve(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return path;
  if (fs::is_directory(status))
    fail_input("{}: is a folder, expected the name of a file to write", path.string());
  if (!fs::is_regular_file(status))
    fail_input("{}: is not a regular file and will not be replaced", path.string());
  return fs::canonical(path);
}

bool is_users_mistake(int error) {
  return error == ENOENT || error == ENOTDIR || error == EACCES || error == EPERM || error == EROFS ||
         error == ENAMETOOLONG;
}

bool is_out_of_room(int error) { return error == ENOSPC || error == EDQUOT || error == EFBIG; }

}  // namespace

AtomicFile::AtomicFile(const fs::path& path) : named_(path), target_(resolve(path)) {
  for (int attempt = 0; descriptor_ < 0;
       ++attempt) {  // another writer, or one that was killed, may hold a name
    temporary_ = target_;
    temporary_ += fmt::format(".{}-{}.tmp", getpid(), attempt);
    descriptor_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ < 0 && errno != EEXIST) {
      const int error = errno;
      fail(error);
    }
  }
  buffer_.reserve(kBufferBytes);
}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  close(descriptor_);
  unlink(temporary_.c_str());
}

void AtomicFile::write(std::string_view text) {
  check(descriptor_ >= 0, "{}: written after commit", named_.string());
  if (buffer_.size() + text.size() > kBufferBytes) flush();
  if (text.size() > kBufferBytes)
    send(text.data(), text.size());
  else
    buffer_ += text;
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  write(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

void AtomicFile::flush() {
  send(buffer_.data(), buffer_.size());
  buffer_.clear();
}

void AtomicFile::send(const char* bytes, size_t count) {
  while (count > 0) {
    const ssize_t sent = ::write(descriptor_, bytes, count);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) fail(errno);
    bytes += sent;
    count -= static_cast<size_t>(sent);
  }
}

void AtomicFile::commit() {
  check(descriptor_ >= 0, "{}: committed twice", named_.string());
  flush();
  if (fsync(descriptor_) != 0) fail(errno);
  const int closing = std::exchange(descriptor_, -1);
  // Some network file systems only tell of a full disk here.
  if (close(closing) != 0 || rename(temporary_.c_str(), target_.c_str()) != 0) {
    const int error = errno;
    unlink(temporary_.c_str());
    fail(error);
  }
  const fs::path folder = target_.has_parent_path() ? target_.parent_path() : fs::path(".");
  if (const int entry = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); entry >= 0) {
    fsync(entry);  // the rename itself; a file system that cannot do this keeps the file whole all the same
    close(entry);
  }
}

void AtomicFile::fail(int error) {
  const std::string what = fmt::format("{}: cannot write: {}", named_.string(), std::strerror(error));
  if (is_out_of_room(error)) fail_input("{}; make room or name another place", what);
  if (is_users_mistake(error)) fail_input("{}", what);
  fail_run("{}", what);
}

void write_atomically(const fs::path& path, std::string_view text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

}  // namespace lineament
