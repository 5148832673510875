// Write beside the target, check every write, fsync, rename: AtomicFile.
#include "base/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/check.h"
#include "base/inputs.h"

namespace lineament {
namespace fs = std::filesystem;

namespace {

constexpr size_t kBufferBytes = 1 << 20;

constexpr size_t kLongestName = 255, kTemporarySuffix = 24;  // bytes; of most file systems, and of ".PID-N.tmp"
constexpr int kMostLinks = 40;                               // as the kernel follows

/// Where the bytes go in the end: a symbolic link is written through, one to nothing yet too.
fs::path resolve(const fs::path& path) {
  fs::path target = path;
  std::error_code error;
  for (int links = 0; links <= kMostLinks; ++links) {
    const fs::path next = fs::read_symlink(target, error);
    if (error) return target;  // no link
    target = target.parent_path() / next;
  }
  fail_input("{}: cannot write: {}", path.string(), std::strerror(ELOOP));
}

/// A device is never replaced by a file, nor is what others may read but not write, nor an input.
void check_replaceable(const fs::path& path, const struct stat& status) {
  if (S_ISDIR(status.st_mode)) fail_input("{}: is a folder, expected the name of a file to write", path.string());
  if (!S_ISREG(status.st_mode)) fail_input("{}: is not a regular file and will not be replaced", path.string());
  refuse_input(path);
  if (faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) != 0)
    fail_input("{}: cannot write: {}", path.string(), std::strerror(errno));
}

/// The owner first: that takes special bits from the mode.
void keep_owner_and_mode(int descriptor, const struct stat& old, const fs::path& path) {
  struct stat now {};
  fstat(descriptor, &now);
  const bool same = now.st_uid == old.st_uid && now.st_gid == old.st_gid;
  const bool kept = same || fchown(descriptor, old.st_uid, old.st_gid) == 0;
  if (!kept) {
    const int error = errno;
    const bool group = fchown(descriptor, static_cast<uid_t>(-1), old.st_gid) == 0;
    fmt::print(stderr, "{}: its owner{} cannot be kept: {}\n", path.string(), group ? "" : " and group", std::strerror(error));
  }
  if (fchmod(descriptor, old.st_mode & (kept ? 07777u : 0777u)) != 0)
    fmt::print(stderr, "{}: its mode cannot be kept: {}\n", path.string(), std::strerror(errno));
}

bool is_users_mistake(int error) {
  return error == ENOENT || error == ENOTDIR || error == EACCES || error == EPERM || error == EROFS ||
         error == ENAMETOOLONG;
}

bool is_out_of_room(int error) { return error == ENOSPC || error == EDQUOT || error == EFBIG; }

}  // namespace

AtomicFile::AtomicFile(const fs::path& path) : named_(path), target_(resolve(path)) {
  struct stat old {};
  const bool replaces = stat(target_.c_str(), &old) == 0;
  if (replaces) check_replaceable(named_, old);
  make_temporary(replaces ? 0600 : 0666);  // nobody reads it who may not read the old one
  if (replaces) keep_owner_and_mode(descriptor_, old, named_);
  buffer_.reserve(kBufferBytes);
}

void AtomicFile::make_temporary(int mode) {
  std::string name = target_.filename().string();
  name.resize(std::min(name.size(), kLongestName - kTemporarySuffix));
  for (int attempt = 0; descriptor_ < 0; ++attempt) {  // another writer, or one that was killed, may hold a name
    temporary_ = target_.parent_path() / fmt::format("{}.{}-{}.tmp", name, getpid(), attempt);
    listed_.emplace(temporary_);
    descriptor_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (descriptor_ < 0 && errno != EEXIST) {
      const int error = errno;
      fail(error);
    }
  }
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
  listed_.reset();
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
