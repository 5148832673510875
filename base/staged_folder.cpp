#include "base/staged_folder.h"

#include <unistd.h>

#include "base/check.h"

namespace lineament {
namespace fs = std::filesystem;

StagedFolder::StagedFolder(const fs::path& target) : target_(target.has_filename() ? target : target.parent_path()) {
  std::error_code error;
  const fs::file_status status = fs::status(target_, error);
  if (fs::exists(status) && !fs::is_directory(status))
    fail_input("{}: is there already and no folder, expected the name of a new one", target.string());
  error.clear();
  if (fs::is_directory(status)) {
    if (!fs::is_empty(target_, error) && !error)
      fail_input("{}: a folder with files in it, expected the name of a new one", target.string());
    if (!error) target_ = fs::canonical(target_, error);  // "." and links
  } else if (target_.has_parent_path()) {
    fs::create_directories(target_.parent_path(), error);
  }
  for (int attempt = 0; !error && staged_.empty(); ++attempt) {  // another, or one that was killed, may hold a name
    fs::path name = target_;
    name += fmt::format(".{}-{}.tmp", getpid(), attempt);
    if (fs::create_directory(name, error)) staged_ = name;
  }
  if (error) fail_input("{}: the folder cannot be made: {}", target.string(), error.message());
}

StagedFolder::~StagedFolder() {
  std::error_code ignored;
  if (!staged_.empty()) fs::remove_all(staged_, ignored);
}

void StagedFolder::commit() {
  std::error_code error;
  fs::rename(staged_, target_, error);  // an empty folder gives way
  if (error) fail_input("{}: the folder cannot be made: {}", target_.string(), error.message());
  staged_.clear();
}

}  // namespace lineament
