#include "base/staged_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/check.h"
#include "base/paths.h"

namespace lineament {
namespace fs = std::filesystem;

namespace {

void keep_owner_and_mode(const fs::path& staged, const fs::path& target) {
  struct stat old {}, now {};
  if (stat(target.c_str(), &old) != 0 || stat(staged.c_str(), &now) != 0) return;
  const bool same = now.st_uid == old.st_uid && now.st_gid == old.st_gid;
  const bool kept = same || chown(staged.c_str(), old.st_uid, old.st_gid) == 0;
  if (!kept) fmt::print(stderr, "{}: its owner cannot be kept: {}\n", target.string(), std::strerror(errno));
  if (chmod(staged.c_str(), old.st_mode & (kept ? 07777u : 0777u)) != 0)
    fmt::print(stderr, "{}: its mode cannot be kept: {}\n", target.string(), std::strerror(errno));
}

}  // namespace

StagedFolder::StagedFolder(const fs::path& target) : target_(target.has_filename() ? target : target.parent_path()) {
  const PathKind kind = kind_of(target_);
  if (kind == PathKind::file || kind == PathKind::other)
    fail_input("{}: is there already and no folder, expected the name of a new one", target.string());
  std::error_code error;
  if (kind == PathKind::folder) {
    if (!entries_of(target_).empty())
      fail_input("{}: a folder with files in it, expected the name of a new one", target.string());
    target_ = fs::canonical(target_, error);  // "." and links
  } else {
    if (fs::is_symlink(target_, error)) fail_input("{}: a link to nothing, expected the name of a new folder", target.string());
    error.clear();
    if (target_.has_parent_path()) fs::create_directories(target_.parent_path(), error);
  }
  for (int attempt = 0; !error && staged_.empty(); ++attempt) {  // another, or one that was killed, may hold a name
    fs::path name = target_;
    name += fmt::format(".{}-{}.tmp", getpid(), attempt);
    listed_.emplace(name);
    if (fs::create_directory(name, error)) staged_ = name;
  }
  if (error) fail_input("{}: the folder cannot be made: {}", target.string(), error.message());
}

StagedFolder::~StagedFolder() {
  std::error_code ignored;
  if (!staged_.empty()) fs::remove_all(staged_, ignored);
}

void StagedFolder::commit() {
  keep_owner_and_mode(staged_, target_);
  std::error_code error;
  fs::rename(staged_, target_, error);  // an empty folder gives way
  if (error) fail_input("{}: the folder cannot be made: {}", target_.string(), error.message());
  staged_.clear();
  listed_.reset();
}

}  // namespace lineament
