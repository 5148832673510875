// Finding a contest file (plain, zipped, zipped twice, in a folder) and opening it; libzip inflates.
#include "data/formats/archive.h"

#include <zip.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <vector>

#include "base/check.h"
#include "base/inputs.h"
#include "base/paths.h"

namespace lineament {
namespace fs = std::filesystem;

namespace {

constexpr size_t kMaxInnerZipBytes = size_t{1}
                                     << 30;  // a zip within a zip is held in memory; the contest's take 60 MB
constexpr const char* kContestZip = "facial-keypoints-detection.zip";

/// An open archive and, for a zip within a zip, the bytes it lies in.
struct Archive {
  std::string name;
  std::vector<char> bytes;
  std::unique_ptr<zip_t, decltype(&zip_discard)> zip{nullptr, zip_discard};
};

[[noreturn]] void fail_damaged(const std::string& name, const char* why) {
  fail_input("{}: damaged or incomplete zip ({}): download it again", name, why);
}

/// What is whole but cannot be read here.
[[noreturn]] void fail_unopened(const std::string& name, zip_t* archive) {
  const int code = zip_error_code_zip(zip_get_error(archive));
  if (code == ZIP_ER_NOPASSWD || code == ZIP_ER_ENCRNOTSUPP || code == ZIP_ER_WRONGPASSWD)
    fail_input("{}: is encrypted: unpack it with its password first", name);
  if (code == ZIP_ER_COMPNOTSUPP)
    fail_input("{}: is packed in a way that is not read here, such as LZMA: unpack it, or pack it by deflate", name);
  fail_damaged(name, zip_strerror(archive));
}

std::string why_not(int code) {
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  return text;
}

std::shared_ptr<Archive> open_archive(const fs::path& path) {
  auto archive = std::make_shared<Archive>(path.string());
  note_input(path);
  int code = 0;
  archive->zip.reset(zip_open(path.c_str(), ZIP_RDONLY, &code));
  if (!archive->zip) fail_damaged(archive->name, why_not(code).c_str());
  return archive;
}

std::shared_ptr<Archive> open_archive(std::string name, std::vector<char> bytes) {
  auto archive = std::make_shared<Archive>(std::move(name), std::move(bytes));
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(archive->bytes.data(), archive->bytes.size(), 0, &error);
  if (source) archive->zip.reset(zip_open_from_source(source, ZIP_RDONLY, &error));
  if (archive->zip) return archive;
  zip_source_free(source);
  fail_damaged(archive->name, zip_error_strerror(&error));
}

std::vector<std::string> entry_names(const Archive& archive) {
  std::vector<std::string> names;
  for (zip_int64_t i = 0; i < zip_get_num_entries(archive.zip.get(), 0); ++i) {
    const char* name = zip_get_name(archive.zip.get(), static_cast<zip_uint64_t>(i), 0);
    names.emplace_back(name ? name : "");
  }
  return names;
}

/// The stream keeps its archive open.
TextStream open_entry(std::shared_ptr<Archive> archive, size_t index, const std::string& entry_name) {
  std::string name = archive->name + "/" + entry_name;
  zip_file_t* opened = zip_fopen_index(archive->zip.get(), index, 0);
  if (!opened) fail_unopened(name, archive->zip.get());
  // The deleter owns the archive, so that the entry is closed first.
  std::shared_ptr<zip_file_t> entry(opened, [archive](zip_file_t* file) { zip_fclose(file); });
  auto read = [entry, name](std::span<char> into) -> size_t {
    const zip_int64_t count = zip_fread(entry.get(), into.data(), into.size());
    if (count < 0) fail_damaged(name, zip_file_strerror(entry.get()));
    return static_cast<size_t>(count);
  };
  return {name, read};
}

std::vector<char> read_all(const TextStream& stream) {
  std::vector<char> bytes;
  constexpr size_t kBlock = size_t{1} << 20;
  for (size_t filled = 0;;) {
    bytes.resize(filled + kBlock);
    const size_t count = stream.read({bytes.data() + filled, kBlock});
    filled += count;
    bytes.resize(filled);
    if (count == 0) return bytes;
    if (filled > kMaxInnerZipBytes)
      fail_input("{}: a zip within a zip of more than 1 GiB: unpack it first", stream.name);
  }
}

/// In any case: TEST.CSV is test.csv.
bool is_named(const fs::path& path, const std::string& name) { return lower(path.filename().string()) == lower(name); }

/// `stem`.csv in the archive, in any folder of it; else `stem`.zip in it; else the only csv that there is.
TextStream open_in_archive(std::shared_ptr<Archive> archive, std::string_view stem, bool nested = false) {
  const std::vector<std::string> names = entry_names(*archive);
  std::vector<size_t> tables, wanted, inner;
  std::string contents;
  for (size_t i = 0; i < names.size(); ++i) {
    const fs::path entry = names[i];
    if (names[i].starts_with("__MACOSX")) continue;
    if (lower_extension(entry) == ".csv") tables.push_back(i);
    if (is_named(entry, fmt::format("{}.csv", stem))) wanted.push_back(i);
    if (is_named(entry, fmt::format("{}.zip", stem))) inner.push_back(i);
    if (i < 8) contents += (contents.empty() ? "" : ", ") + names[i];
  }
  if (wanted.empty() && inner.empty() && tables.size() == 1) wanted = tables;
  if (!wanted.empty()) return open_entry(archive, wanted[0], names[wanted[0]]);
  if (!inner.empty() && !nested) {
    const TextStream packed = open_entry(archive, inner[0], names[inner[0]]);
    return open_in_archive(open_archive(packed.name, read_all(packed)), stem, true);
  }
  fail_input("{}: holds no {}.csv (it holds {})", archive->name, stem,
             contents.empty() ? "nothing" : contents);
}

TextStream open_plain(const fs::path& path) {
  std::shared_ptr<std::FILE> file(std::fopen(path.c_str(), "rb"),
                                  [](std::FILE* f) { f ? std::fclose(f) : 0; });
  if (!file) fail_input("{}: cannot read: {}", path.string(), std::strerror(errno));
  note_input(path);
  auto read = [file, path, first = true](std::span<char> into) mutable -> size_t {
    const size_t count = std::fread(into.data(), 1, into.size(), file.get());
    if (first && count >= 4 && std::string_view(into.data(), 4) == "PK\x03\x04")
      fail_input("{}: a zip, which is not read from a pipe: name its file", path.string());
    first = false;
    if (count == 0 && std::ferror(file.get()))
      fail_run("{}: cannot read: {}", path.string(), std::strerror(errno));
    return count;
  };
  return {path.string(), read};
}

bool is_zip(const fs::path& path) {
  char magic[2] = {};
  if (!is_file(path)) return false;  // of a pipe nothing can be put back
  std::ifstream(path, std::ios::binary).read(magic, 2);
  return lower_extension(path) == ".zip" || (magic[0] == 'P' && magic[1] == 'K');
}

fs::path find_in_folder(const fs::path& folder, std::string_view stem) {
  const std::string csv = fmt::format("{}.csv", stem), zip = fmt::format("{}.zip", stem);
  for (const fs::path& place : {folder, folder / "data"}) {
    if (!is_folder(place)) continue;
    const std::vector<fs::path> entries = entries_of(place);
    for (const std::string& name : {csv, zip, std::string(kContestZip)}) {
      if (is_file(place / name)) return place / name;
      for (const fs::path& entry : entries)
        if (is_named(entry, name) && is_file(entry)) return entry;
    }
  }
  fail_input("{}: holds no {}, {} or {}, nor does its data/", folder.string(), csv, zip, kContestZip);
}

}  // namespace

TextStream open_text(const fs::path& path, std::string_view stem) {
  const PathKind kind = kind_of(path);
  if (kind == PathKind::nothing) fail_input("{}: no such file or folder", path.string());
  if (kind == PathKind::other && !names_descriptor(path)) fail_input("{}: neither a file nor a folder", path.string());
  const fs::path file = kind == PathKind::folder ? find_in_folder(path, stem) : path;
  return is_zip(file) ? open_in_archive(open_archive(file), stem) : open_plain(file);
}

}  // namespace lineament
