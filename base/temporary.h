// Temporary files and folders, listed where a signal handler can find them.
#pragma once
#include <filesystem>

namespace lineament {

/// Lists a path that is about to be made and will not stay. It removes nothing itself: its owner does, or remove_temporaries().
/// Up to 64 are listed at once; of more, and of very long paths, a signal leaves some.
class Temporary {
 public:
  explicit Temporary(const std::filesystem::path& path);
  ~Temporary();
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

 private:
  int slot_;  // -1: not listed
};

/// Removes what is listed by this process, folders with all that is in them. For a handler of SIGINT and its like, before the
/// program ends: it may be called wherever a signal arrives. The library installs no handlers; the command does.
void remove_temporaries() noexcept;

}  // namespace lineament
