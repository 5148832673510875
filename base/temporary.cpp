// A table of fixed size, and calls of the kernel alone: neither memory nor locks are to be had in a signal handler.
#include "base/temporary.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>

namespace lineament {
namespace {

constexpr int kSlots = 64, kDeepest = 16;
constexpr size_t kPathBytes = 4096;

struct Slot {
  std::atomic<bool> taken = false;
  std::atomic<pid_t> owner = 0;  // 0 while the path is not whole; a child by fork() has its parent's table
  char path[kPathBytes];
};
Slot slots[kSlots];

/// As the kernel lists a folder: readdir() would take memory.
struct Entry {
  uint64_t inode;
  int64_t offset;
  unsigned short bytes;
  unsigned char type;
  char name[1];
};

void remove_at(int folder, const char* name, int depth) {
  if (unlinkat(folder, name, 0) == 0 || errno == ENOENT || depth == kDeepest) return;
  const int below = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (below < 0) return;
  alignas(Entry) char buffer[4096];
  for (long got; (got = syscall(SYS_getdents64, below, buffer, sizeof buffer)) > 0;)
    for (long at = 0; at < got;) {
      const auto* entry = reinterpret_cast<const Entry*>(buffer + at);
      if (std::strcmp(entry->name, ".") != 0 && std::strcmp(entry->name, "..") != 0)
        remove_at(below, entry->name, depth + 1);
      at += entry->bytes;
    }
  close(below);
  unlinkat(folder, name, AT_REMOVEDIR);
}

}  // namespace

Temporary::Temporary(const std::filesystem::path& path) : slot_(-1) {
  const std::string& name = path.native();
  if (name.size() >= kPathBytes) return;
  for (int i = 0; i < kSlots && slot_ < 0; ++i)
    if (!slots[i].taken.exchange(true)) slot_ = i;
  if (slot_ < 0) return;
  std::memcpy(slots[slot_].path, name.c_str(), name.size() + 1);
  slots[slot_].owner = getpid();
}

Temporary::~Temporary() {
  if (slot_ < 0) return;
  slots[slot_].owner = 0;
  slots[slot_].taken = false;
}

void remove_temporaries() noexcept {
  const int error = errno;
  for (Slot& slot : slots)
    if (slot.owner == getpid()) remove_at(AT_FDCWD, slot.path, 0);
  errno = error;
}

}  // namespace lineament
