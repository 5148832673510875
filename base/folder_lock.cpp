#include "base/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/paths.h"

namespace lineament {
namespace fs = std::filesystem;

namespace {

/// Whether `path` still names the file that is open: who had the lock before may have removed it.
bool still_named(const fs::path& path, int descriptor) {
  struct stat open_file {}, named {};
  return fstat(descriptor, &open_file) == 0 && stat(path.c_str(), &named) == 0 && open_file.st_ino == named.st_ino &&
         open_file.st_dev == named.st_dev;
}

/// "process 4711", as the holder wrote it.
std::string holder(int descriptor) {
  char text[32] = {};
  const ssize_t count = pread(descriptor, text, sizeof text - 1, 0);
  const std::string_view said(text, static_cast<size_t>(std::max<ssize_t>(count, 0)));
  const std::string_view digits = said.substr(0, said.find_first_not_of("0123456789"));
  return digits.empty() ? "another process" : fmt::format("process {}", digits);
}

}  // namespace

FolderLock::FolderLock(const fs::path& folder) : lock_(folder / ".lock") {
  make_folder(folder);
  try {
    while (descriptor_ < 0) {
      descriptor_ = open(lock_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
      if (descriptor_ < 0) fail_input("{}: cannot be written to: {}", folder.string(), std::strerror(errno));
      if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
        const int error = errno;
        const std::string who = error == EWOULDBLOCK ? holder(descriptor_) : "";
        close(descriptor_);
        if (error == EWOULDBLOCK)
          fail_input("{}: {} is at work in it: wait for it, stop it, or name another folder", folder.string(), who);
        fail_input("{}: cannot be locked: {}", folder.string(), std::strerror(error));
      }
      if (!still_named(lock_, descriptor_)) close(std::exchange(descriptor_, -1));
    }
  } catch (...) {
    remove_made_folders();
    throw;
  }
  const std::string number = fmt::format("{}", getpid());
  if (ftruncate(descriptor_, 0) != 0 || pwrite(descriptor_, number.data(), number.size(), 0) < 0) {
    // Messages of others cannot name this process then; the lock holds all the same.
  }
}

FolderLock::~FolderLock() {
  unlink(lock_.c_str());  // while it is held: nobody else has this file
  close(descriptor_);
  remove_made_folders();
}

void FolderLock::make_folder(const fs::path& folder) {
  fs::path so_far;
  std::error_code error;
  for (const fs::path& part : folder) {
    so_far /= part;
    if (so_far.empty() || is_there(so_far)) continue;
    if (fs::create_directory(so_far, error)) made_.push_back(so_far);
    if (error) break;
  }
  if (!error && is_folder(folder)) return;
  remove_made_folders();
  fail_input("{}: cannot be made: {}", folder.string(), error ? error.message() : "it is not a folder");
}

/// What is not empty stays.
void FolderLock::remove_made_folders() const {
  for (auto folder = made_.rbegin(); folder != made_.rend(); ++folder)
    if (rmdir(folder->c_str()) != 0) return;
}

}  // namespace lineament
