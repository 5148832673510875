// A folder appears whole or not at all: filled beside its place, then renamed.
#pragma once
#include <filesystem>
#include <optional>

#include "base/temporary.h"

namespace lineament {

/// Invariant: until commit() returns nothing is at the target, or the empty folder that was, whose mode and owner
/// are kept; without it nothing is left behind.
/// InputError where something is there already, or the folder cannot be made.
class StagedFolder {
 public:
  explicit StagedFolder(const std::filesystem::path& target);
  ~StagedFolder();
  StagedFolder(const StagedFolder&) = delete;
  StagedFolder& operator=(const StagedFolder&) = delete;

  /// Where to write.
  const std::filesystem::path& path() const { return staged_; }
  void commit();

 private:
  std::filesystem::path target_, staged_;
  std::optional<Temporary> listed_;  // while it is there
};

}  // namespace lineament
