#include "base/inputs.h"

#include <sys/stat.h>

#include <atomic>
#include <mutex>
#include <set>
#include <utility>

#include "base/check.h"

namespace lineament {
namespace {

using FileId = std::pair<dev_t, ino_t>;  // the same through every link

std::atomic<bool> spared = false;
std::mutex mutex;
std::set<FileId> inputs;

bool identify(const std::filesystem::path& path, FileId& id) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return false;
  id = {status.st_dev, status.st_ino};
  return true;
}

}  // namespace

InputsSpared::InputsSpared() { check(!spared.exchange(true), "inputs are spared twice at a time"); }

InputsSpared::~InputsSpared() {
  spared = false;
  const std::lock_guard lock(mutex);
  inputs.clear();
}

void note_input(const std::filesystem::path& path) {
  FileId id;
  if (!spared || !identify(path, id)) return;
  const std::lock_guard lock(mutex);
  inputs.insert(id);
}

bool is_input(const std::filesystem::path& path) {
  FileId id;
  if (!spared || !identify(path, id)) return false;
  const std::lock_guard lock(mutex);
  return inputs.contains(id);
}

void refuse_input(const std::filesystem::path& output) {
  if (is_input(output)) fail_input("{}: is read by this command and will not be replaced: name another place", output.string());
}

}  // namespace lineament
