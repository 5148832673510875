// The cgroups that bound this process, of version 2 or 1, as the kernel shows them below a root.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lineament {

/// Calls f(folder, whether it is of version 2) for the cgroup of this process that has `controller` ("cpu", "memory") and
/// for those around it, inner ones first. Not at all where there are none.
void each_cgroup(const std::filesystem::path& root, std::string_view controller,
                 const std::function<void(const std::filesystem::path&, bool v2)>& f);

// What the kernel's small files are read with.
std::vector<std::string> lines_of(const std::filesystem::path& path);
/// Empty where there is no such file.
std::string first_line(const std::filesystem::path& path);
std::vector<std::string_view> fields_of(std::string_view text, char separator);
/// None where it is not all of it a decimal number.
std::optional<int64_t> whole_number(std::string_view text);

}  // namespace lineament
