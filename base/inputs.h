// Files that were read are not written over: not by a wrong --out, nor by an output that has an input's name by chance.
#pragma once
#include <filesystem>

namespace lineament {

/// While one lives, AtomicFile refuses to replace a file that was read meanwhile, by whatever path or link it is named. For a
/// command that reads some files and writes others; a training rewrites its own. One at a time, in the whole process.
class InputsSpared {
 public:
  InputsSpared();
  ~InputsSpared();
  InputsSpared(const InputsSpared&) = delete;
  InputsSpared& operator=(const InputsSpared&) = delete;
};

/// Says that a file is read: from any thread, and with no effect where no InputsSpared lives.
void note_input(const std::filesystem::path& path);
/// Whether what stands at the path was read while an InputsSpared lives.
bool is_input(const std::filesystem::path& path);
/// InputError where it was: before the work is done that would be written there.
void refuse_input(const std::filesystem::path& output);

}  // namespace lineament
