// What stands at a path: the one place that asks the file system, and says in one line where it does not answer.
#pragma once
#include <filesystem>

namespace lineament {

enum class PathKind { nothing, file, folder, other };  // other: a device, a FIFO, a socket

/// Symbolic links are followed. InputError "PATH: cannot be read: Permission denied" and likewise for a loop of links or a
/// name that is too long.
PathKind kind_of(const std::filesystem::path& path);

inline bool is_there(const std::filesystem::path& path) { return kind_of(path) != PathKind::nothing; }
inline bool is_file(const std::filesystem::path& path) { return kind_of(path) == PathKind::file; }
inline bool is_folder(const std::filesystem::path& path) { return kind_of(path) == PathKind::folder; }

}  // namespace lineament
