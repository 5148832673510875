// One process at a time works in a folder.
#pragma once
#include <filesystem>
#include <vector>

namespace lineament {

/// Holds FOLDER/.lock, with this process's number in it, as long as it lives; the system takes it back from a process that was
/// killed. A folder that is not there is made, and goes again with the lock if nothing came into it.
class FolderLock {
 public:
  /// InputError "FOLDER: process 4711 is at work in it: ..." where another holds it, in this process or elsewhere, and where the
  /// folder can be neither made nor locked.
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  void make_folder(const std::filesystem::path& folder);
  void remove_made_folders() const;

  std::filesystem::path lock_;
  std::vector<std::filesystem::path> made_;  // outermost first
  int descriptor_ = -1;
};

}  // namespace lineament
