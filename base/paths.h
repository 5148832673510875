// What stands at a path: the one place that asks the file system, and says in one line where it does not answer.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace lineament {

enum class PathKind { nothing, file, folder, other };  // other: a device, a FIFO, a socket

// Symbolic links are followed by all of these. InputError "PATH: cannot be read: Permission denied" and likewise for a loop of
// links or a name that is too long.

PathKind kind_of(const std::filesystem::path& path);

inline bool is_there(const std::filesystem::path& path) { return kind_of(path) != PathKind::nothing; }
inline bool is_file(const std::filesystem::path& path) { return kind_of(path) == PathKind::file; }
inline bool is_folder(const std::filesystem::path& path) { return kind_of(path) == PathKind::folder; }

/// Of a file.
uint64_t bytes_of(const std::filesystem::path& path);
/// What lies in a folder, as paths, sorted.
std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder);
/// The folder and those that it lies in, where they are not there yet. InputError "PATH: the folder cannot be made: ...".
void make_folder(const std::filesystem::path& folder);

/// Whether it names what this process has open already: /dev/stdin, or /dev/fd/63 as the shell's <(...) has it. Such a pipe
/// can be read once, and has somebody who writes; a FIFO of the file system may wait for ever, and is not read.
bool names_descriptor(const std::filesystem::path& path);

/// ".JPG" as ".jpg": extensions mean the same in any case.
std::string lower_extension(const std::filesystem::path& path);
std::string lower(std::string text);  // of ASCII letters

}  // namespace lineament
