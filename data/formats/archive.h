// A contest file as a stream of bytes, wherever it lies:
// plain, in a zip, in a zip within a zip, in a folder of these.
#pragma once
#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace lineament {

/// Bytes of a file, from its beginning.
struct TextStream {
  std::string name;                             // for messages: "data/training.zip/training.csv"
  std::function<size_t(std::span<char>)> read;  // how many bytes came; 0 at the end; InputError where damaged
};

/// Opens the contest file `stem`.csv ("training", "test", "IdLookupTable"). `path` is that file by any name;
/// a zip that holds it, or holds `stem`.zip, or holds a single csv; or a folder with `stem`.csv, `stem`.zip
/// or facial-keypoints-detection.zip in it or in its data/. InputError says what is there instead.
TextStream open_text(const std::filesystem::path& path, std::string_view stem);

/// The same bytes, read (and inflated) a few blocks ahead by a thread of its own.
/// Errors arrive in their place.
TextStream read_ahead(TextStream source);

}  // namespace lineament
