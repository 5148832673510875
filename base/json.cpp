#include "base/json.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"

namespace lineament {

using Json = nlohmann::ordered_json;

namespace {

// The library's parser and writer take UTF-8 alone. Between them and us a byte that is none stands as two of the 32 characters
// from U+FDD0 on, which Unicode keeps out of every text; one that is there all the same is told by its own three bytes.

constexpr std::string_view kMarkStart = "\xef\xb7";  // U+FDD0 is ef b7 90
constexpr unsigned char kFirstMark = 0x90, kLastMark = 0xaf;

bool is_mark(std::string_view at) {
  return at.size() >= 3 && at.starts_with(kMarkStart) && static_cast<unsigned char>(at[2]) >= kFirstMark &&
         static_cast<unsigned char>(at[2]) <= kLastMark;
}

std::string marks_of(unsigned char byte) {
  std::string marks;
  for (const int nibble : {byte >> 4, byte & 15}) marks.append(kMarkStart) += static_cast<char>(kFirstMark + nibble);
  return marks;
}

/// The byte that two marks at the beginning of `at` stand for.
std::optional<unsigned char> marked_byte(std::string_view at) {
  if (!is_mark(at) || !is_mark(at.substr(3))) return {};
  return static_cast<unsigned char>((at[2] & 15) << 4 | (at[5] & 15));
}

/// How many bytes of the beginning of `at` are one character in UTF-8; 0 where they are none.
size_t character(std::string_view at) {
  const auto byte = [&](size_t i) { return i < at.size() ? static_cast<unsigned char>(at[i]) : 0; };
  const unsigned first = byte(0), second = byte(1);
  const size_t length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  for (size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  const bool beyond = (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) || (first == 0xf0 && second < 0x90) ||
                      (first == 0xf4 && second > 0x8f);  // a longer way to say it, a surrogate, too large
  return beyond ? 0 : length;
}

std::string marked(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t length = is_mark(text.substr(at)) ? 0 : character(text.substr(at));
    out += length > 0 ? std::string(text.substr(at, length)) : marks_of(static_cast<unsigned char>(text[at]));
    at += std::max<size_t>(length, 1);
  }
  return out;
}

std::string unmarked(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const std::optional<unsigned char> byte = marked_byte(text.substr(at));
    out += byte ? static_cast<char>(*byte) : text[at];
    at += byte ? 6 : 1;
  }
  return out;
}

/// Every text of a value, keys too, as `change` makes it.
template <class Change>
Json changed(const Json& value, const Change& change) {
  if (value.is_string()) return change(value.get_ref<const std::string&>());
  if (!value.is_structured()) return value;
  Json copy = value.is_array() ? Json::array() : Json::object();
  if (value.is_array())
    for (const Json& item : value) copy.push_back(changed(item, change));
  else
    for (const auto& [key, item] : value.items()) copy[change(key)] = changed(item, change);
  return copy;
}

/// "\udce9" in a JSON text, and marks in it, as marks; nothing where it has none of these.
std::optional<std::string> with_marks(std::string_view json) {
  bool found = false;
  std::string out;
  const auto unit = [&](size_t at) -> unsigned {  // of "\uXXXX"
    if (json.substr(at, 2) != "\\u" || json.size() < at + 6) return 0;
    unsigned value = 0;
    const auto [end, error] = std::from_chars(json.data() + at + 2, json.data() + at + 6, value, 16);
    return error == std::errc() && end == json.data() + at + 6 ? value : 0;
  };
  for (size_t at = 0; at < json.size();) {
    const std::string_view rest = json.substr(at);
    const unsigned here = unit(at);
    if (here >= 0xdc80 && here <= 0xdcff) {
      out += marks_of(static_cast<unsigned char>(here & 0xff));
      at += 6, found = true;
    } else if (here >= 0xfdd0 && here <= 0xfdef) {
      for (const unsigned byte : {0xefu, 0xb7u, 0x90u + (here - 0xfdd0u)}) out += marks_of(static_cast<unsigned char>(byte));
      at += 6;
    } else if (is_mark(rest)) {
      for (size_t i = 0; i < 3; ++i) out += marks_of(static_cast<unsigned char>(rest[i]));
      at += 3, found = true;
    } else {  // a pair of surrogates is one character
      const size_t length = here >= 0xd800 && here < 0xdc00 ? 12 : rest.starts_with('\\') ? 2 : 1;
      out += rest.substr(0, length);
      at += length;
    }
  }
  return found ? std::optional(out) : std::nullopt;
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = character(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string json_text(const Json& value, int indent) {
  const std::string text = changed(value, marked).dump(indent);
  std::string out, bytes;  // bytes: a run of those that are marked
  const auto write_bytes = [&] {
    for (size_t i = 0; i < bytes.size();) {
      const size_t length = is_mark(std::string_view(bytes).substr(i)) ? 3 : 1;  // a character after all
      out += length > 1 ? bytes.substr(i, length) : fmt::format("\\udc{:02x}", static_cast<unsigned char>(bytes[i]));
      i += length;
    }
    bytes.clear();
  };
  for (size_t at = 0; at < text.size();) {
    const std::optional<unsigned char> byte = marked_byte(std::string_view(text).substr(at));
    if (byte) {
      bytes += static_cast<char>(*byte);
    } else {
      write_bytes();
      out += text[at];
    }
    at += byte ? 6 : 1;
  }
  return out;
}

Json parse_json(std::string_view text, std::string_view source) {
  std::vector<size_t> keys(kMostJsonDepth + 2);  // so far, of the object that is open at each depth
  const auto bounded = [&](int depth, Json::parse_event_t event, Json& value) {
    if (depth > kMostJsonDepth) fail_input("{}: nested deeper than {}", source, kMostJsonDepth);
    if (event == Json::parse_event_t::object_start) keys[static_cast<size_t>(depth) + 1] = 0;
    if (event == Json::parse_event_t::key && ++keys[static_cast<size_t>(depth)] > kMostJsonKeys)
      fail_input("{}: an object of more than {} keys", source, kMostJsonKeys);
    if (event == Json::parse_event_t::object_end && value.size() < keys[static_cast<size_t>(depth) + 1])
      fail_input("{}: an object says a key twice", source);
    return true;
  };
  if (text.find_first_not_of(" \t\r\n") == text.npos) fail_input("{}: is empty, expected JSON", source);
  try {
    const std::optional<std::string> with = text.find("\\u") == text.npos && text.find(kMarkStart) == text.npos
                                                ? std::nullopt
                                                : with_marks(text);
    return with ? changed(Json::parse(*with, bounded), unmarked) : Json::parse(text, bounded);
  } catch (const Json::parse_error& error) {
    fail_input("{}: is no JSON, from byte {} on", source, error.byte);
  } catch (const Json::out_of_range&) {
    fail_input("{}: holds a number beyond any that is read, such as 1e999", source);
  }
}

std::string shown(const Json& value) {
  constexpr size_t kShown = 40;
  const std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  return text.size() <= kShown ? text : text.substr(0, kShown) + "...";
}

}  // namespace lineament
